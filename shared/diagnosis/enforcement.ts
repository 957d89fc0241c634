import type { Settings } from '../config/settings.ts';
import { maximumOf, type Policy } from '../limits/policies/policy.ts';
import { describeAmount, toFigure } from '../limits/policies/units.ts';
import { enforces } from '../limits/state/limit-math.ts';
import { pricedModel } from '../pricing/price-book.ts';
import { allUseCases } from '../use-cases/use-cases.ts';
import { type Fault, type Finding, findingOf } from './check.ts';
import type { RecentEvents } from './recent-events.ts';

/** What is known of the limits. */
export interface LimitFacts {
  policies: readonly Policy[];
  /** Ids of current limits that have passed their maximum, and their policies. */
  passed: readonly { limitId: string; policy: Policy }[];
  /** Ids of our limits that Pay-i has with the type block. */
  blockAtPayi: readonly string[];
  /** Who reset which limit when (ISO 8601, UTC), within the last day. */
  resets: readonly { limitId: string; changedBy: string; changedAt: string }[];
}

type Needed = Pick<Settings, 'LIMITS_ENABLED' | 'GATEWAY_USE_CASES'>;

/** Does every limit act as its policy says, and would somebody expect more of it? */
export function checkEnforcement(facts: LimitFacts, recent: RecentEvents, settings: Needed): Finding {
  const { policies, passed, blockAtPayi, resets } = facts;
  const faults: Fault[] = [];
  const say = (found: string, mend: string) => faults.push({ found: `Not enforcing: ${found}`, mend });
  if (!settings.LIMITS_ENABLED)
    say('LIMITS_ENABLED is false, so no limit refuses a call.', 'Remove LIMITS_ENABLED and restart the app.');
  if (!policies.some((policy) => policy.enabled && enforces(policy)))
    say(
      'no policy refuses calls: none that is enabled has a type other than allow.',
      change('NAME', '{"type":"block"}'),
    );
  for (const policy of policies) {
    const { name, enabled, shadow, type } = policy;
    if (!enabled) say(`${name} is off (enabled is false).`, change(name, '{"enabled":true}'));
    else if (type !== 'allow' && shadow)
      say(`${name} is in shadow: it only reports what it would refuse.`, change(name, '{"shadow":false}'));
    const missing = missingIds(policy, recent, settings);
    if (enabled && missing) say(missing.found, missing.mend);
    const strange = enabled && unknownModels(policy);
    if (strange) say(strange.found, strange.mend);
  }
  for (const { limitId, policy } of passed)
    if (policy.type === 'allow')
      say(
        `${limitId} has passed its maximum of ${describeAmount(policy.unit, toFigure(policy.unit, maximumOf(policy)))} and refuses nothing, since its type is allow.`,
        `${change(policy.name, '{"type":"block"}').slice(0, -1)} if it should refuse.`,
      );
  for (const limitId of blockAtPayi)
    say(
      `${limitId} has the type block at Pay-i, which refuses events that name it.`,
      `Delete the limit ${limitId} at Pay-i; it is made again as allow, and this app enforces it.`,
    );
  const history = resets.map(
    ({ limitId, changedBy, changedAt }) => ` ${limitId} was reset by ${changedBy} at ${changedAt}.`,
  );
  const finding = findingOf(faults, 'The limits act as their policies say.');
  return { ...finding, found: `${finding.found}${history.join('')}` };
}

/** A policy that counts no call, because calls do not have what it goes by. */
function missingIds({ name, scope, useCases }: Policy, recent: RecentEvents, settings: Needed): Fault | undefined {
  const known = new Set([...allUseCases.map((one) => one.name), ...settings.GATEWAY_USE_CASES, ...recent.useCases]);
  const strange = useCases?.filter((useCase) => !known.has(useCase)) ?? [];
  if (useCases && strange.length > 0)
    return {
      found: `${name} counts ${strange.length === useCases.length ? 'only calls' : 'calls'} of ${strange.join(', ')}, and there is no such use case.`,
      mend: change(name, '{"useCases":["a name of shared/use-cases/use-cases.ts"]}'),
    };
  if (scope === 'account' && recent.events > 0 && !recent.namesAccounts)
    return {
      found: `${name} counts by account, and no call of the last day names one.`,
      mend: 'Send x-account-name with an access key, or set account in JWT_ISSUERS to the claim that has it.',
    };
  return undefined;
}

/** Models count by their names in the price list: no call counts for another name. */
function unknownModels({ name, models = [] }: Policy): Fault | undefined {
  const strange = models.filter((model) => model !== 'other' && pricedModel(model) !== model);
  if (strange.length === 0) return undefined;
  const known = strange.flatMap((model) => pricedModel(model) ?? []);
  const mended =
    known.length > 0 ? JSON.stringify(known) : '["a name of GET /openai/v1/models or /anthropic/v1/models"]';
  return {
    found: `${name} counts calls of ${strange.join(', ')}, and no model of the price list has ${strange.length === 1 ? 'this name' : 'these names'}.`,
    mend: change(name, `{"models":${mended}}`),
  };
}

const change = (name: string, body: string): string => `Send PUT /api/limits/${name} with ${body}.`;
