import type { Route } from '../../../shared/http/route.ts';

/** The access keys of the app under attack. Those of the first three may call models. */
export interface FuzzKeys {
  service: string;
  admin: string;
  /** For `NARROW_ROUTE` alone. */
  narrow: string;
  /** For paths alone. */
  path: string;
  /** Another secret has taken its place. */
  replaced: string;
  revoked: string;
}

const SERVICE_KEY = 'a-key-of-a-service-under-attack';
const ADMIN_KEY = 'a-key-of-an-admin-under-attack';
const PATH_KEY = 'a-key-that-stands-in-paths-under-attack';

export const NARROW_ROUTE = 'POST /api/judge';

/** ACCESS_KEYS of the app under attack. */
export const configuredKeys = JSON.stringify({
  service: { key: SERVICE_KEY },
  operator: { key: ADMIN_KEY, role: 'admin' },
  proxy: { key: PATH_KEY, only: 'path' },
});

/** Creates the keys that are kept as records. Attacks do not know their names. @param url of the app */
export async function createKeys(url: string): Promise<FuzzKeys> {
  const ask = async (method: string, path: string, body?: object): Promise<string> => {
    const headers = { 'x-functions-key': ADMIN_KEY, 'content-type': 'application/json', 'if-match': '*' };
    const answer = await fetch(`${url}/api/admin/keys${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    const { data } = (await answer.json()) as { data?: { key: string } };
    if (!data) throw new Error(`${method} /api/admin/keys${path} was answered with ${answer.status}.`);
    return data.key;
  };
  const keys = {
    service: SERVICE_KEY,
    admin: ADMIN_KEY,
    path: PATH_KEY,
    narrow: await ask('POST', '', { name: 'under-attack-narrow', routes: [NARROW_ROUTE] }),
    replaced: await ask('POST', '', { name: 'under-attack-replaced' }),
    revoked: await ask('POST', '', { name: 'under-attack-revoked' }),
  };
  await ask('POST', '/under-attack-replaced/rotate', { keepOldHours: 0 });
  await ask('DELETE', '/under-attack-revoked');
  return keys;
}

/** Whether a key in a header opens a route. */
export const opens = (key: string, { method, path }: Pick<Route, 'method' | 'path'>, keys: FuzzKeys): boolean =>
  key === keys.service || key === keys.admin || (key === keys.narrow && `${method} ${path}` === NARROW_ROUTE);
