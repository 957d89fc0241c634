import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openChromium } from './chromium.ts';
import { type ClientEntry, outputOf, programClient, versionOf } from './client.ts';
import type { UploadPart } from './forms.ts';

const programs = fileURLToPath(new URL('programs/', import.meta.url));
const require = createRequire(import.meta.url);

/** A package of this folder, with the program `programs/<name>.mjs`. */
const nodeClient = (name: string): ClientEntry => ({
  name,
  open: async (_scratch, signal) => {
    const { version } = require(`./node_modules/${name}/package.json`) as { version: string };
    return programClient(version, signal, (url, { parts }) => [
      process.execPath,
      [join(programs, `${name}.mjs`), url, JSON.stringify(parts)],
    ]);
  },
});

const curl: ClientEntry = {
  name: 'curl',
  open: async (_scratch, signal) =>
    programClient(await versionOf('curl', ['--version'], /^curl (\S+)/, signal), signal, (url, { parts }) => [
      'curl',
      ['--disable', '--silent', '--show-error', '--write-out', '\n%{http_code}', ...parts.flatMap(curlPart), url],
    ]),
};

function curlPart(part: UploadPart): string[] {
  if ('text' in part) return ['--form-string', `${part.field}=${part.text}`];
  const name = part.fileName.replaceAll(/["\\]/g, '\\$&');
  return ['--form', `${part.field}=@${part.path};filename="${name}"${part.type === '' ? '' : `;type=${part.type}`}`];
}

const pythonRequests: ClientEntry = {
  name: 'python-requests',
  open: async (_scratch, signal) => {
    const version = await versionOf(
      'python3',
      ['-c', 'import requests; print(requests.__version__)'],
      /^(\S+)/,
      signal,
    );
    return programClient(version, signal, (url, { parts }) => [
      'python3',
      [join(programs, 'python-requests.py'), url, JSON.stringify(parts)],
    ]);
  },
};

const dotnet: ClientEntry = {
  name: 'dotnet',
  cannotWrite: {
    quotes: 'HttpClient takes no quotes in a file name',
    'untouched-input': 'HttpClient takes no empty file name',
  },
  open: async (scratch, signal) => {
    const version = await versionOf('dotnet', ['--version'], /^(\S+)/, signal);
    await cp(join(programs, 'dotnet'), scratch, { recursive: true });
    await outputOf(
      'dotnet',
      [
        'build',
        join(scratch, 'Upload.csproj'),
        '--output',
        join(scratch, 'out'),
        '--disable-build-servers',
        '--nologo',
      ],
      { signal, env: { DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' } },
    );
    return programClient(version, signal, (url, { parts }) => [
      'dotnet',
      [join(scratch, 'out', 'Upload.dll'), url, JSON.stringify(parts)],
    ]);
  },
};

/** Every client that uploads. */
export const clientEntries: readonly ClientEntry[] = [
  curl,
  ...['axios', 'form-data', 'undici', 'node-fetch'].map(nodeClient),
  { name: 'chromium', open: openChromium },
  dotnet,
  pythonRequests,
];
