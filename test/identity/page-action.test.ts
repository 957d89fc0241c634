import { describe, expect, test } from 'vitest';
import { routes } from '../../shared/api/routes.ts';
import { admit } from '../../shared/identity/identity.ts';

const admin = (via: string) => ({ userId: 'u-1', role: 'admin' as const, via });
const changing = routes.filter(({ access, method }) => access === 'admin' && method !== 'GET');
const statusOf = (via: string, headers: Record<string, string>): number[] =>
  changing.map((route) => {
    try {
      admit(admin(via), route, new Headers(headers));
      return 200;
    } catch (error) {
      return (error as { status: number }).status;
    }
  });
const all = (status: number): number[] => changing.map(() => status);

describe.each(['session', 'app-service'])('a change by the sign-in that a browser sends by itself: %s', (via) => {
  test('is refused as a form would send it', () => {
    expect(statusOf(via, { 'content-type': 'application/x-www-form-urlencoded' })).toEqual(all(403));
    expect(statusOf(via, { origin: 'https://app.example', 'content-type': 'text/plain' })).toEqual(all(403));
  });

  test('is done with a header that no form can send', () => {
    expect(statusOf(via, { 'x-requested-with': 'console' })).toEqual(all(200));
    expect(statusOf(via, { authorization: 'Bearer token' })).toEqual(all(200));
  });

  test('reading needs no header', () => {
    const reading = routes.find(({ access, method }) => access === 'admin' && method === 'GET');
    if (!reading) throw new Error('There is no such route');
    expect(() => admit(admin(via), reading, new Headers())).not.toThrow();
  });
});

test('a key or a token is never sent by a browser alone', () => {
  for (const via of ['access-key', 'jwt']) expect(statusOf(via, {})).toEqual(all(200));
});
