import { expect, test } from 'vitest';
import { callerOfPrincipal } from '../../shared/identity/app-service.ts';

const header = (principal: unknown): string => Buffer.from(JSON.stringify(principal)).toString('base64');
const claim = (typ: string, val: string) => ({ typ, val });

test('the principal of Entra: its object id, its roles', () => {
  const principal = header({
    auth_typ: 'aad',
    name_typ: 'name',
    role_typ: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role',
    claims: [
      claim('sub', 's-1'),
      claim('http://schemas.microsoft.com/identity/claims/objectidentifier', 'o-1'),
      claim('http://schemas.microsoft.com/ws/2008/06/identity/claims/role', 'Reader'),
      claim('http://schemas.microsoft.com/ws/2008/06/identity/claims/role', 'Trail.Admin'),
    ],
  });
  expect(callerOfPrincipal(principal, ['Trail.Admin'], undefined)).toEqual({
    userId: 'o-1',
    role: 'admin',
    via: 'app-service',
  });
  expect(callerOfPrincipal(principal, [], undefined).role).toBe('user');
});

test('roles in the claim of their short name', () => {
  const principal = header({ claims: [claim('sub', 's-1'), claim('roles', 'Trail.Admin')] });
  expect(callerOfPrincipal(principal, ['Trail.Admin'], undefined)).toMatchObject({ userId: 's-1', role: 'admin' });
});

test.each([
  ['not base64', '%%%'],
  ['not JSON', Buffer.from('hello').toString('base64')],
  ['without claims', header({ auth_typ: 'aad' })],
  ['claims of numbers', header({ claims: [{ typ: 'sub', val: 7 }] })],
  ['nobody', header({ claims: [claim('name', 'Sam')] })],
  ['too long', header({ claims: [claim('sub', 'x'.repeat(40_000))] })],
])('401: %s', (_name, value) => {
  expect(() => callerOfPrincipal(value, [], undefined)).toThrowError(expect.objectContaining({ status: 401 }));
});
