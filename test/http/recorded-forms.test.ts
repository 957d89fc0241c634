import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { uploadForms } from '../clients/forms.ts';
import { imagesOf } from '../clients/run.ts';
import { envelope, startTestApp, type TestApp } from '../support/app.ts';

/** The bytes of the forms that real clients wrote (`npm run clients -- --record`). */
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => app.model.reset());
afterAll(() => app.close());

const folder = fileURLToPath(new URL('../fixtures/forms/', import.meta.url));
const imagesByForm = new Map(uploadForms('', '').map(({ name, images }) => [name, images]));
const recorded = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => readdirSync(`${folder}${name}`).map((file) => `${name}/${file}`));

test('every client is recorded', () => {
  const clients = new Set(recorded.map((file) => file.split('/')[0]));
  expect([...clients].sort()).toEqual([
    'axios',
    'chromium',
    'curl',
    'dotnet',
    'form-data',
    'node-fetch',
    'python-requests',
    'undici',
  ]);
});

test.each(recorded)('%s', async (file) => {
  const bytes = readFileSync(`${folder}${file}`);
  const end = bytes.indexOf('\r\n\r\n');
  const contentType = bytes.toString('latin1', 'content-type: '.length, end);
  const body = new Uint8Array(bytes.subarray(end + 4));
  const response = await app.call('analyze', { body, headers: { 'content-type': contentType } });
  expect(await envelope(response)).toMatchObject({ success: true });
  const form = file.replace(/^.*\/|\.form$/g, '');
  expect(imagesOf(app.model.calls()[0]?.body)).toBe(imagesByForm.get(form));
});
