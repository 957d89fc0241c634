import type { KeyView } from '../../shared/identity/keys/key-record.ts';
import { adminOptions, callAdmin } from './admin-api.ts';
import { type CommandArguments, runCommand } from './command.ts';

const USAGE = `npm run keys -- list
npm run keys -- show NAME
npm run keys -- create NAME [RIGHTS]
npm run keys -- change NAME [RIGHTS]
npm run keys -- rotate NAME [--keep-old-hours N]
npm run keys -- revoke NAME
RIGHTS: [--role user|admin] [--account A] [--use-cases N,…] [--models M,…] [--routes "POST /api/analyze,…"]
        [--expires 2027-01-31T00:00:00Z] [--names-users true|false]; in change, an empty text takes a restriction away.
Each takes --url URL and --key KEY.`;

const options = {
  ...adminOptions,
  role: { type: 'string' },
  account: { type: 'string' },
  'use-cases': { type: 'string' },
  models: { type: 'string' },
  routes: { type: 'string' },
  expires: { type: 'string' },
  'names-users': { type: 'string' },
  'keep-old-hours': { type: 'string' },
} as const;

await runCommand({ usage: USAGE, options, words: true }, async (args, output) => {
  const answer = await run(args);
  const keys = answer['keys'] as KeyView[];
  for (const key of keys) output.say(line(key));
  if (args.positionals[0] === 'show') output.say(JSON.stringify(keys[0], null, 2));
  if (answer['key'] !== undefined) output.say(`${String(answer['key'])}\nThis is the only time that it is shown.`);
  return { ok: true, ...answer };
});

function run(args: CommandArguments): Promise<Record<string, unknown>> {
  const [verb, name, ...rest] = args.positionals;
  if (rest.length > 0 || (name === undefined) !== (verb === 'list')) throw new Error(USAGE);
  const path = `keys/${encodeURIComponent(name ?? '')}`;
  switch (verb) {
    case 'list':
      return callAdmin(args, 'keys');
    case 'show':
      return callAdmin(args, path);
    case 'create':
      return callAdmin(args, 'keys', { name, ...rights(args) });
    case 'change':
      return callAdmin(args, path, rights(args), 'PATCH');
    case 'rotate': {
      const hours = args.values['keep-old-hours'];
      return callAdmin(args, `${path}/rotate`, hours === undefined ? {} : { keepOldHours: Number(hours) });
    }
    case 'revoke':
      return callAdmin(args, path, undefined, 'DELETE');
    default:
      throw new Error(USAGE);
  }
}

/** What the options say of a key's rights, in the form of the API. */
function rights({ values }: CommandArguments): Record<string, unknown> {
  const texts = { role: values['role'], account: values['account'], expiresAt: values['expires'] };
  const lists = { useCases: values['use-cases'], models: values['models'], routes: values['routes'] };
  const names = values['names-users'];
  return {
    ...Object.fromEntries(given(texts).map(([member, text]) => [member, text || null])),
    ...Object.fromEntries(given(lists).map(([member, text]) => [member, text ? text.split(',') : null])),
    // Anything else is left to the app, which says what it wants.
    ...(names !== undefined && { namesUsers: names === 'true' ? true : names === 'false' ? false : names }),
  };
}

function given(values: Record<string, unknown>): [string, string][] {
  return Object.entries(values).flatMap(([member, value]) =>
    value === undefined ? [] : [[member, String(value).trim()]],
  );
}

function line({ name, state, role, account, useCases, models, routes, expiresAt }: KeyView): string {
  const limits = [
    account && `account ${account}`,
    useCases && `use cases ${useCases.join(', ')}`,
    models && `models ${models.join(', ')}`,
    routes && `routes ${routes.join(', ')}`,
    expiresAt && `until ${expiresAt}`,
  ];
  return `${name.padEnd(24)} ${state.padEnd(8)} ${role.padEnd(6)} ${limits.filter(Boolean).join('; ')}`.trimEnd();
}
