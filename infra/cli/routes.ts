import { routes } from '../../shared/api/routes.ts';
import { runCommand } from './command.ts';

/** `npm run routes`: every route of the app, from the list in `shared/api`. */
await runCommand({ usage: 'npm run routes [-- --json]' }, async (_args, output) => {
  const listed = routes.map(({ method, path, access, function: name }) => ({ method, path, access, function: name }));
  const width = Math.max(...listed.map(({ path }) => path.length));
  for (const { method, path, access, function: name } of listed)
    output.say(`${method.padEnd(7)} ${path.padEnd(width)}  ${access.padEnd(6)}  ${name}`);
  return { ok: true, routes: listed };
});
