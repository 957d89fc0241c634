import { readFile } from 'node:fs/promises';
import type { PolicyPlan } from '../../../shared/limits/admin/change-policies.ts';
import { adminOptions, callAs } from '../admin-api.ts';
import { type CommandArguments, runCommand } from '../command.ts';
import { describePlan } from './describe-plan.ts';

const USAGE = `npm run limits -- show                  the policies, as a file for plan and apply
npm run limits -- plan FILE             what apply would change
npm run limits -- apply FILE [--delete] makes the policies those of the file, all at once
FILE is a JSON list of policies, as in the setting LIMITS. Without --delete no policy is deleted.
Each takes --url URL and --key KEY.`;

const options = { ...adminOptions, delete: { type: 'boolean' } } as const;
const PATH = '/api/limit-policies';

await runCommand({ usage: USAGE, options, words: true }, async (args, output) => {
  const [verb, file, ...rest] = args.positionals;
  if (rest.length > 0 || (file === undefined) !== (verb === 'show')) throw new Error(USAGE);
  if (verb === 'show') {
    const { policies } = await callAs(args, { path: PATH });
    output.say(JSON.stringify(policies, null, 2));
    return { ok: true, policies };
  }
  if (verb !== 'plan' && verb !== 'apply') throw new Error(USAGE);
  const policies = await readPolicies(String(file));
  const { changes, etag } = await plan(args, policies);
  for (const line of describePlan(changes)) output.say(line);
  if (verb === 'plan' || changes.length === 0) return { ok: true, changes };
  const deleted = changes.filter(({ change }) => change === 'delete');
  if (deleted.length > 0 && args.values['delete'] !== true) {
    const names = deleted.map(({ name }) => name).join(', ');
    throw new Error(`Nothing was changed: ${names} would be deleted. Add them to ${file}, or repeat with --delete.`);
  }
  // By its ETag what is applied is what was shown.
  await callAs(args, { path: PATH, method: 'PUT', body: { policies }, headers: { 'if-match': etag } });
  output.say(`Applied. Every instance goes by it within 15 seconds.`);
  return { ok: true, changes };
});

async function plan(args: CommandArguments, policies: unknown[]): Promise<PolicyPlan> {
  return (await callAs(args, { path: `${PATH}/plan`, body: { policies } })) as unknown as PolicyPlan;
}

async function readPolicies(file: string): Promise<unknown[]> {
  const text = await readFile(file, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (!Array.isArray(value))
    throw new Error(`${file} must be a JSON list of policies, as "npm run limits -- show" prints it.`);
  return value;
}
