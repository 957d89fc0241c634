import { instantOf, localTime } from '../../../format/times.ts';
import { amountText, type Unit } from '../limit-figures.ts';
import type { Policy } from '../load.ts';
import type { Difference } from '../policies/difference.ts';
import type { Holder, Override, OverrideBody } from './override.ts';

type Maximum = Pick<Override, 'maxUsd' | 'max' | 'until'>;

export const unitOfPolicy = ({ unit }: Pick<Policy, 'unit'>): Unit => unit ?? 'usd';

/** What the form asks for. */
export const holderWords = (holder: Holder, property: string | undefined): string => {
  if (holder === 'property') return `Value of ${property}`;
  return { user: 'User', account: 'Account', key: 'Access key', use_case: 'Use case', model: 'Model' }[holder];
};

/** What `PUT` takes of a form. */
export function bodyOf(form: FormData, policy: Pick<Policy, 'unit'>): OverrideBody {
  const until = instantOf(String(form.get('until') ?? ''));
  const maximum = Number(form.get('maximum'));
  return {
    ...(unitOfPolicy(policy) === 'usd' ? { maxUsd: maximum } : { max: maximum }),
    ...(until !== undefined && { until }),
  };
}

/** The same override as it was; undefined for none and for one that has ended, which can't be set again. */
export const bodyOfOverride = (override: Override | undefined): OverrideBody | undefined => {
  if (!override || override.hasEnded) return undefined;
  const { name: _name, hasEnded: _hasEnded, etag: _etag, ...body } = override;
  return body;
};

/** The maximum without an override: that of `maxima` for some, that of the policy for others. */
export const usualMaximum = ({ maxima, maxUsd, max }: Policy, name: string): number =>
  (maxima && Object.hasOwn(maxima, name) ? maxima[name] : undefined) ?? maxUsd ?? max ?? 0;

/** What an override changes: the maximum that counts, and how long it does. Absent: there is none. */
export function overrideDifferences(
  policy: Policy,
  name: string,
  before: Maximum | undefined,
  after: Maximum | undefined,
): Difference[] {
  const unit = unitOfPolicy(policy);
  const maximumOf = (each: Maximum | undefined): string =>
    amountText(unit, each?.maxUsd ?? each?.max ?? usualMaximum(policy, name));
  const untilOf = (each: Maximum | undefined): string => {
    if (!each) return '–';
    return each.until === undefined ? 'it is removed' : localTime(Date.parse(each.until));
  };
  return [
    { name: 'maximum', before: maximumOf(before), after: maximumOf(after) },
    { name: 'until', before: untilOf(before), after: untilOf(after) },
  ].filter((each) => each.before !== each.after);
}
