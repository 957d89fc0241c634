import { expandPolicies } from '../limits/policies/limit-id.ts';
import type { Policy } from '../limits/policies/policy.ts';
import { currentStates } from '../limits/state/current-states.ts';
import { changesOf } from '../limits/state/limit-changes.ts';
import { limitsToSetUp } from '../setup/limit-item.ts';
import { allUseCases } from '../use-cases/use-cases.ts';
import { DAY_MS } from '../util/days.ts';
import type { LimitFacts } from './enforcement.ts';
import type { DiagnosisParts } from './parts.ts';

/** Of one policy at most so many limits are named. */
const NAMED = 5;
/** Past the threshold, the maximum: see `levels`. */
const OVERRUN = 2;

/** Reads what is known of the limits of the current periods. @throws TableError, PayiError */
export async function readLimitFacts(parts: DiagnosisParts): Promise<LimitFacts> {
  const { policies: book, limits, payi, clock } = parts;
  await book.reload();
  const policies = book.current();
  const nowMs = clock.now();
  const passed: { limitId: string; policy: Policy }[] = [];
  for (const policy of policies.filter(({ enabled }) => enabled)) {
    let named = 0;
    for await (const { limitId, level } of currentStates(limits, policy, nowMs, true)) {
      if (level < OVERRUN) continue;
      passed.push({ limitId, policy: book.forLimit(policy, limitId) });
      named += 1;
      if (named === NAMED) break;
    }
  }
  const blockAtPayi: string[] = [];
  for (const { limit_id: id = '' } of limitsToSetUp(policies, allUseCases, nowMs))
    if ((await payi.limits.get(id))?.limit_type === 'block') blockAtPayi.push(id);
  return { policies, passed, blockAtPayi, resets: await readResets(parts, policies, nowMs) };
}

/** Only limits without a window can be reset; those of users and accounts are too many to read. */
async function readResets({ limits }: DiagnosisParts, policies: readonly Policy[], nowMs: number) {
  const endless = policies.filter(({ scope, window }) => scope === 'global' && window === 'none');
  const resets: LimitFacts['resets'][number][] = [];
  for (const { limitId } of expandPolicies(
    endless.map(({ useCases: _, ...policy }) => policy),
    {
      useCaseName: '',
      occurredAtMs: nowMs,
    },
  )) {
    const [latest] = (await changesOf(limits, limitId)).filter(({ what }) => what === 'reset');
    if (latest && Date.parse(latest.changedAt) > nowMs - DAY_MS) resets.push({ limitId, ...latest });
  }
  return resets;
}
