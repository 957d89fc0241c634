import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';
import { writeWhole } from './write-files.ts';

const ENTRY = 'functions/console/main.tsx';
const PAGE = 'index.html';

/**
 * How the console is bundled: one script and one style, whose names change with their content, and the page that names them.
 * @param project the project's folder
 * @param folder where they are written
 */
export const consoleOptions = (project: string, folder: string): BuildOptions => ({
  absWorkingDir: project,
  entryPoints: [{ in: ENTRY, out: 'console' }],
  outdir: 'dist/console',
  entryNames: '[name]-[hash]',
  write: false,
  plugins: [writePage(folder)],
  bundle: true,
  platform: 'browser',
  target: 'es2022',
  format: 'esm',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
});

/** The page comes after what it names, and what no page names any more goes last: under watch a browser may load it meanwhile. */
function writePage(folder: string): Plugin {
  let written = '';
  return {
    name: 'write-page',
    setup(build) {
      build.onEnd(async ({ errors, outputFiles = [] }) => {
        const files = outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
        const names = files.map(({ name }) => name);
        const page = pageOf(names);
        // Names change with their content.
        if (errors.length > 0 || page === written) return;
        await mkdir(folder, { recursive: true });
        await Promise.all(files.map(({ name, contents }) => writeWhole(join(folder, name), contents)));
        await writeWhole(join(folder, PAGE), page);
        written = page;
        const old = (await readdir(folder)).filter((name) => name !== PAGE && !names.includes(name));
        await Promise.all(old.map((name) => rm(join(folder, name), { recursive: true, force: true })));
      });
    },
  };
}

const pageOf = (names: string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Trailmeter</title>
<link rel="icon" href="data:,">
${names
  .filter((name) => name.endsWith('.css'))
  .map((name) => `<link rel="stylesheet" href="/console/files/${name}">`)
  .join('\n')}
</head>
<body>
<div id="console"></div>
<noscript>The console needs JavaScript.</noscript>
${names
  .filter((name) => name.endsWith('.js'))
  .map((name) => `<script type="module" src="/console/files/${name}"></script>`)
  .join('\n')}
</body>
</html>
`;
