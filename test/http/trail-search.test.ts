import { afterAll, beforeAll, expect, test } from 'vitest';
import { envelope, startTestApp, type TestApp } from './app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

test('a search is answered', async () => {
  const response = await app.call('trail-search', { json: { location: 'Moab, Utah' } });
  const body = await envelope(response);
  console.log(JSON.stringify(body, null, 1).slice(0, 3000), app.kpis, app.told);
  expect(response.status).toBe(200);
});
