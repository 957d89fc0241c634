import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const file = (name: string) => app.call('show-docs-file', { method: 'GET', anonymous: true, params: { file: name } });

test('the page allows scripts, styles and requests of this app alone, and no frame', async () => {
  const answer = await app.call('show-docs', { method: 'GET', anonymous: true });
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy.split('; ')).toEqual(
    expect.arrayContaining(["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"]),
  );
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  const page = await answer.text();
  expect(page).not.toMatch(/https?:|<script>|style=|\son\w+=/);
  const named = [...page.matchAll(/(?:src|href)="\/api\/docs\/([^"]+)"/g)].map(([, name = '']) => name);
  expect(named).toHaveLength(3);
  for (const name of named) expect((await file(name)).status).toBe(200);
});

test.each([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ['start.js', 'text/javascript; charset=utf-8'],
])('%s is served as %s', async (name, type) => {
  const { status, headers } = await file(name);
  expect([status, headers.get('content-type'), headers.get('x-content-type-options')]).toEqual([200, type, 'nosniff']);
});

test.each([
  'package.json',
  'index.html',
  '../package.json',
  '..%2fpackage.json',
  '/etc/passwd',
  '__proto__',
  'constructor',
])('%s is not served', async (name) => {
  expect((await file(name)).status).toBe(404);
});
