// Makes the client's types from the app's description and bundles the page into `dist`.
//   node build.mjs [--api URL] [--document FILE] [--serve]
// --api: the app, by default http://localhost:7071. --document: its description as a file, when the app does not run.
// --serve: then serves the page on http://localhost:3000 until Ctrl-C.
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { context } from 'esbuild';
import openapiTS, { astToString } from 'openapi-typescript';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values } = parseArgs({
  options: {
    api: { type: 'string', default: 'http://localhost:7071' },
    document: { type: 'string' },
    serve: { type: 'boolean', default: false },
  },
});

const source = values.document ? pathToFileURL(values.document) : new URL('/api/openapi.json', values.api);
const types = await openapiTS(source).catch((cause) => {
  throw new Error(
    `The description at ${source} can't be read. Start the app with npm start, or give --document FILE.`,
    { cause },
  );
});
await mkdir(`${here}generated`, { recursive: true });
await writeFile(`${here}generated/api.d.ts`, astToString(types));

await cp(`${here}public`, `${here}dist`, { recursive: true });
const page = await context({
  entryPoints: [`${here}src/main.ts`],
  outdir: `${here}dist`,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  sourcemap: true,
  define: { API_URL: JSON.stringify(values.api) },
});
await page.rebuild();
if (values.serve) {
  await page.serve({ host: '127.0.0.1', port: 3000, servedir: `${here}dist` });
  console.log(`http://localhost:3000 uses ${values.api}`);
} else {
  await page.dispose();
}
