import { z } from 'zod';
import { policyMembers } from '../policy-members.ts';
import type { LimitUnit } from '../units.ts';

/** What an override says: the maximum in the unit of its policy, and for how long. */
export const overrideSchema = z.strictObject({
  /** For a policy whose unit is USD. */
  maxUsd: policyMembers.shape.maxUsd,
  /** For any other. */
  max: policyMembers.shape.max,
  /** ISO 8601, UTC: for calls that begin from then on the maximum is that of the policy again. Absent: until it is deleted. */
  until: z.iso.datetime().optional(),
});
export type OverrideMaximum = z.infer<typeof overrideSchema>;

/** Another maximum for the limits of one user, account or other first part of the keys of a policy. */
export interface Override extends OverrideMaximum {
  /** The name of the policy. */
  policy: string;
  /** The user id, account, model and so on, as it may be stored. */
  name: string;
  /** What keys of its limits begin with. */
  key: string;
}

/** All overrides, by `overrideId`. */
export type Overrides = ReadonlyMap<string, Override>;

export const noOverrides: Overrides = new Map();

export const overrideId = ({ policy, key }: Pick<Override, 'policy' | 'key'>): string => `${policy}!${key}`;

/** When it ends (ms, UTC); Infinity for one without an end. */
export const overrideEndMs = ({ until }: Pick<Override, 'until'>): number =>
  until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);

/** Its maximum as people write it; undefined where it is for another unit. */
export const overrideFigure = (unit: LimitUnit, { maxUsd, max }: OverrideMaximum): number | undefined =>
  unit === 'usd' ? maxUsd : max;

/** Ends the key of an override that an approval has set: it raises one limit, by its whole key, and lowers none. */
const RAISE = '!raise';

/** @param key of a limit; '' for one without a key */
export const raiseKey = (key: string): string => `${key}${RAISE}`;
export const isRaise = ({ key }: Pick<Override, 'key'>): boolean => key.endsWith(RAISE);
