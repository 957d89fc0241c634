import { fileURLToPath } from 'node:url';
import { runCommand } from '../command.ts';
import { buildPackage } from './package.ts';

/** `npm run package`: the zip file that is deployed, by default `dist/app.zip`. The same sources give the same bytes. */
await runCommand({ usage: 'npm run package -- [FILE]', words: true }, async ({ positionals: [file] }, output) => {
  const project = fileURLToPath(new URL('../../../', import.meta.url));
  const built = await buildPackage(file ?? `${project}dist/app.zip`);
  output.say(`Built ${built.found}`);
  return { ok: true, file: built.file, sha256: built.sha256 };
});
