import type { DeadLetter } from '../../shared/dead-letters/dead-letter-store.ts';
import { adminOptions, callAdmin } from './admin-api.ts';
import { type CommandArguments, runCommand } from './command.ts';

const USAGE = `npm run dead-letters -- list [--code C] [--use-case N] [--state dead|replayed|delivered|discarded]
npm run dead-letters -- show ID
npm run dead-letters -- replay  [ID …] [--code C] [--use-case N] [--all]
npm run dead-letters -- discard [ID …] [--code C] [--use-case N] [--all] --reason TEXT
Each takes --url URL and --key KEY.`;

const options = {
  ...adminOptions,
  code: { type: 'string' },
  'use-case': { type: 'string' },
  state: { type: 'string' },
  reason: { type: 'string' },
  all: { type: 'boolean' },
} as const;

await runCommand({ usage: USAGE, options, words: true }, async (args, output) => {
  const answer = await run(args);
  const letters = answer['letters'] as DeadLetter[];
  for (const letter of letters) output.say(line(letter));
  if (args.positionals[0] === 'show') output.say(JSON.stringify(letters[0], null, 2));
  output.say(`${letters.length} dead letter(s)`);
  if (answer['skipped']) output.say(`${String(answer['skipped'])} are not events and can't be replayed.`);
  return { ok: true, ...answer };
});

function run(args: CommandArguments): Promise<Record<string, unknown>> {
  const [verb, ...ids] = args.positionals;
  switch (verb) {
    case 'list':
      return callAdmin(args, `dead-letters?${new URLSearchParams(given(args, ['code', 'use-case', 'state']))}`);
    case 'show':
      if (ids.length !== 1) throw new Error(USAGE);
      return callAdmin(args, `dead-letters/${encodeURIComponent(ids[0] ?? '')}`);
    case 'replay':
    case 'discard': {
      const which = { ...given(args, ['code', 'use-case', 'reason']), ...(ids.length > 0 && { ids }) };
      return callAdmin(args, `dead-letters/${verb}`, { ...which, ...(args.values['all'] === true && { all: true }) });
    }
    default:
      throw new Error(USAGE);
  }
}

function given(args: CommandArguments, names: string[]): Record<string, string> {
  const found = names.filter((name) => args.values[name] !== undefined);
  return Object.fromEntries(
    found.map((name) => [name === 'use-case' ? 'useCaseName' : name, String(args.values[name])]),
  );
}

function line({ id, code, source, state, atMs, reason }: DeadLetter): string {
  return `${new Date(atMs).toISOString()}  ${state.padEnd(9)} ${source.padEnd(6)} ${code.padEnd(28)} ${id}  ${reason.slice(0, 80)}`;
}
