import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN_KEY, startTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const dataOf = async (answer: { json(): Promise<unknown> }) => ((await answer.json()) as { data: unknown }).data;

test('a caller learns who it is, as this app sees it', async () => {
  const answer = await app.call('show-caller', {
    method: 'GET',
    headers: { 'x-user-id': 'lena', 'x-account-name': 'a' },
  });
  expect(await dataOf(answer)).toMatchObject({
    userId: 'lena',
    accountName: 'a',
    role: 'user',
    via: 'access-key',
  });
  const admin = await app.call('show-caller', { method: 'GET', headers: { 'x-functions-key': ADMIN_KEY } });
  expect(await dataOf(admin)).toMatchObject({ accountName: null, role: 'admin' });
  expect((await app.call('show-caller', { method: 'GET', anonymous: true })).status).toBe(401);
});
