import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConsoleFiles } from '../../shared/api/console/files.ts';

const PAGE = '<!doctype html><div id="console"></div>';

let folder: string;
let files: ConsoleFiles;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'console-files-'));
  await writeFile(join(folder, 'console-ABCD1234.js'), 'start();');
  await writeFile(join(folder, 'secret.js'), 'secret');
  await writeFile(join(folder, 'index.html'), PAGE);
  files = new ConsoleFiles(new URL(`${pathToFileURL(folder)}/`));
});
afterAll(() => rm(folder, { recursive: true }));

describe('files of the console', () => {
  test('the page lets no script and no markup in', async () => {
    const { headers, body } = await files.page(null, false);
    expect(Buffer.from(body as Uint8Array).toString()).toBe(PAGE);
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  test('the page says where App Service Authentication is on', async () => {
    const { body } = await files.page(null, true);
    expect(Buffer.from(body as Uint8Array).toString()).toBe(
      '<!doctype html><div id="console" data-sign-in="app-service"></div>',
    );
  });

  test.each([
    ['gzip, deflate, br', true],
    ['br;q=1, gzip;q=0.5', true],
    ['gzip;q=0', false],
    ['gzip;q=0.0, br', false],
    ['identity', false],
    [null, false],
  ])('to accept-encoding %s the file is packed: %s', async (accepted, isPacked) => {
    const { headers, body } = await files.file('console-ABCD1234.js', accepted);
    expect(headers['content-encoding']).toBe(isPacked ? 'gzip' : undefined);
    const bytes = body as Uint8Array;
    expect((isPacked ? gunzipSync(bytes) : Buffer.from(bytes)).toString()).toBe('start();');
    expect(headers['cache-control']).toContain('immutable');
  });

  test.each(['secret.js', '../secret.js', 'index.html', 'console-ABCD1235.js', 'console-ABCD1234.js.map', ''])(
    'another name is 404: %s',
    async (name) => {
      await expect(files.file(name, null)).rejects.toMatchObject({ status: 404 });
    },
  );
});
