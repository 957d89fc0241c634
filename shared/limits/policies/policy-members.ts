import { z } from 'zod';
import { scopes } from './scope-keys.ts';
import { units } from './units.ts';
import { startSchema, windows, zoneSchema } from './window-members.ts';

/** See `bound` of a policy. */
export const bounds = ['learned', 'learned_unstreamed', 'sound'] as const;

const MAX_ALERTS = 5;
export const alertShares = z
  .array(z.number().min(0.01).max(0.99))
  .max(MAX_ALERTS)
  .refine(
    (shares) => shares.every((share, place) => isWholePercent(share) && share > (shares[place - 1] ?? 0)),
    'must be whole percents in ascending order, such as [0.5, 0.8, 0.95]',
  );
const isWholePercent = (share: number): boolean => Math.abs(share * 100 - Math.round(share * 100)) < 1e-9;

/**
 * What happens to a call that a limit has no room for. `block`: it is refused. `allow`: it passes, and is reported. `fall_back`: it is
 * made in a cheaper form that its use case permits and that fits, else it is refused. `ask`: it is refused, and an admin is asked to raise
 * the limit once.
 */
export const policyTypes = ['block', 'allow', 'fall_back', 'ask'] as const;

/** The largest maximum in USD. */
export const MOST_USD = 1_000_000;
const MOST_MAXIMA = 100;

/** The members of a policy by themselves. */
export const policyMembers = z.strictObject({
  /** Letters, digits and dashes; the first part of the limit ids. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/),
  scope: z.enum(scopes),
  /** Only for scopes with `property`: its name, such as `customer_tier`. */
  property: z.string().min(1).max(100).optional(),
  /** `days` is any number of them from a date on. `none` never ends and can be reset. Minutes and hours are those of UTC. */
  window: z.enum(windows),
  /** Whose clock and calendar the window goes by; absent: UTC. */
  zone: zoneSchema.optional(),
  /** Where in its day, week or month a window begins; absent: at its first moment, a week on Monday. */
  start: startSchema.optional(),
  /** The length of the window `days`. */
  days: z.number().int().min(1).max(3_660).optional(),
  unit: z.enum(units).default('usd'),
  /** The maximum of a policy whose unit is USD. */
  maxUsd: z.number().positive().max(MOST_USD).optional(),
  /** That of any other. */
  max: z.number().int().positive().max(1_000_000_000_000_000).optional(),
  /**
   * Other maxima for some keys of the scope, in the unit of the policy: `{ "enterprise": 50 }`. Of a combination the first part counts; not for
   * users, who get overrides.
   */
  maxima: z
    .record(z.string().min(1).max(100), z.number().positive().max(1_000_000_000_000_000))
    .refine((maxima) => Object.keys(maxima).length <= MOST_MAXIMA, `must have at most ${MOST_MAXIMA} members`)
    .optional(),
  /** Share of the maximum from which warnings are given. */
  threshold: z.number().min(0.75).max(0.99).optional(),
  /** Shares of the maximum at which alerts go out, once each in a period: `[0.5, 0.8, 0.95]`. Whole percents, in ascending order. */
  alerts: alertShares.optional(),
  type: z.enum(policyTypes),
  /** Only calls of these use cases count; absent: all. */
  useCases: z.array(z.string().min(1)).optional(),
  /** Only calls that one of these models may answer count, as the price list names them; absent: all. */
  models: z.array(z.string().min(1)).optional(),
  /** What happens to a call while the mirror can't be read. */
  whenUnreadable: z.enum(['open', 'closed']).default('closed'),
  enabled: z.boolean().default(true),
  /** Refuses nothing, reports what it would have refused. */
  shadow: z.boolean().default(false),
  /**
   * How a call with server tools is bounded (L1). `learned`: by what such tools have cost, if it streams. `learned_unstreamed`:
   * also if it does not, so that it can pass the limit by all that it costs beyond its hold. `sound`: by the context window.
   */
  bound: z.enum(bounds).default('learned'),
  /** Whether its limits exist at Pay-i too, so that events name them. Default: yes, where `mayBeAtPayi` says so, except for scope `user`. */
  atPayi: z.boolean().optional(),
});
