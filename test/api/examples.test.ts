import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { exampleOf } from '../../shared/api/openapi/examples.ts';
import { routes } from '../../shared/api/routes.ts';
import { type Route, successStatus } from '../../shared/http/route.ts';
import { expectSchema, schemaPointer } from '../support/described.ts';

const KEY = 'a-key-of-an-operator';
const PATH_KEY = 'a-key-that-stands-in-paths';
/** The policy and the access key that the examples of `POST /api/limits` and `POST /api/admin/keys` create. */
const params: Record<string, string> = { id: 'team-monthly', name: 'partner', token: PATH_KEY, key: 'Field Guides' };
/** No process died, so nothing was booked for its calls; the policy of the example was never changed, and nobody asked for approval. */
const otherStatus: Record<string, number> = {
  'correct-limit': 404,
  'undo-limit-policy': 404,
  'undo-limit-override': 409,
  'decide-approval': 404,
};

let stack: Stack;
beforeAll(async () => {
  const keys = { operator: { key: KEY, role: 'admin' }, proxy: { key: PATH_KEY, only: 'path' } };
  stack = await startStack({ settings: { ACCESS_KEYS: JSON.stringify(keys) } });
});
afterAll(() => stack.close());

async function send(route: Route): Promise<Response> {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '');
  return fetch(`${stack.url}${path}`, {
    method: route.method,
    headers: {
      'content-type': 'application/json',
      'x-functions-key': KEY,
      'if-match': '*',
      ...(route.dialect === 'anthropic' && { 'anthropic-version': '2023-06-01' }),
    },
    body: JSON.stringify(exampleOf(route)),
  });
}

// In the order of the list, in which a policy is created before it is changed.
test.each(routes.filter(({ body }) => body))('the example of $method $path is answered as described', async (route) => {
  const answer = await send(route);
  const body: unknown = await answer.json();
  expect({ status: answer.status, body }).toMatchObject({
    status: otherStatus[route.function] ?? successStatus(route),
  });
  expectSchema(schemaPointer(route.path, route.method, answer.status, 'application/json'), body);
});
