import type { PayiClient } from '../payi/client.ts';
import { collect } from '../payi/transport/paging.ts';
import { setUpPayi } from '../setup/set-up.ts';
import { allUseCases } from '../use-cases/use-cases.ts';
import { type Fault, type Finding, findingOf } from './check.ts';

const SET_UP = 'Run npm run payi-setup, or send POST /api/admin/payi-setup.';

/**
 * Does Pay-i know every use case that events name? `inUse`: names that callers may use besides ours, and those of recent
 * events. @throws PayiError
 */
export async function checkAttribution(payi: PayiClient, inUse: Iterable<string>): Promise<Finding> {
  const known = new Set((await collect(payi.definitions.list())).map(({ name }) => name));
  const declared = allUseCases.map(({ name }) => name);
  const faults: Fault[] = [];
  const missing = declared.filter((name) => !known.has(name));
  if (missing.length > 0) faults.push({ found: unattributed(missing), mend: SET_UP });
  const foreign = [...new Set(inUse)].filter((name) => !known.has(name) && !declared.includes(name));
  if (foreign.length > 0)
    faults.push({
      found: unattributed(foreign),
      mend: `Add ${foreign.join(', ')} to shared/use-cases/use-cases.ts and set up Pay-i, or create the definition at Pay-i.`,
    });
  if (faults.length > 0) return findingOf(faults, '');
  const items = await setUpPayi(payi, { dryRun: true });
  const different = items.filter(({ result }) => result !== 'exists');
  return findingOf(
    different.map(({ name, result, reason }) => ({
      found: `Pay-i differs from what is declared: ${name} (${reason ?? `would be ${result}`}).`,
      mend: SET_UP,
    })),
    `Pay-i knows all ${known.size} use cases, with their KPIs.`,
  );
}

const unattributed = (names: string[]): string =>
  `Unattributed: Pay-i does not know the use case${names.length > 1 ? 's' : ''} ${names.join(', ')}, so their cost shows as "Unattributed" or their events are refused.`;
