import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { AllocationLostError } from '../allocation/allocation.ts';
import type { BudgetAccount } from '../allocation/budget-account.ts';
import { describeLimit } from '../policies/describe-limit.ts';
import { LimitsUnreadableError } from '../policies/errors.ts';
import type { AppliedLimit } from '../policies/limit-id.ts';
import type { Policy } from '../policies/policy.ts';

/** One limit's part of a hold. Money in nano-USD. */
export interface Take {
  limit: AppliedLimit;
  account: BudgetAccount;
  amount: bigint;
}

/** A limit that had no room. */
export interface Refusal {
  take: Take;
  leftNano: bigint;
  spentNano: bigint;
}

interface Means {
  clock: Clock;
  telemetry: Telemetry;
}

/** Longest that a call waits for the table, in ms. */
const TABLE_WAIT_MS = 8_000;

const none: readonly Refusal[] = [];

/**
 * Takes on every limit or on none; a refusal of each that had no room.
 * @throws LimitsUnreadableError, SliceLostError; then nothing is taken
 */
export async function takeAll(takes: Take[], means: Means): Promise<readonly Refusal[]> {
  const short = takes.filter(({ account, amount }) => !account.tryTake(amount));
  const unknown = takes.filter((take) => !take.account.known && !short.includes(take));
  if (short.length === 0 && unknown.length === 0) return none;
  const opening = Promise.all(unknown.map((take) => open(take, means)));
  const results = await Promise.allSettled(short.map((take) => takeOne(take, means)));
  await opening;
  const failed = results.find((result) => result.status === 'rejected');
  const refusals = results.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []));
  if (!failed && refusals.length === 0) return none;
  for (const take of takes) {
    const place = short.indexOf(take);
    const result = place < 0 ? undefined : results[place];
    const taken = result === undefined || (result.status === 'fulfilled' && !result.value);
    if (taken) take.account.release(take.amount);
  }
  if (failed) throw failed.reason;
  return refusals;
}

/** From the strictest: what happens to a call that several limits have no room for. */
const strictness: readonly Policy['type'][] = ['block', 'ask', 'fall_back'];

/** The refusal that decides what happens to a call: that of the strictest limit. */
export const strictestOf = (refusals: readonly Refusal[]): Refusal | undefined =>
  [...refusals].sort((a, b) => byStrictness(a.take.limit, b.take.limit))[0];

/** The strictest limit comes first. */
export const byStrictness = (a: AppliedLimit, b: AppliedLimit): number =>
  strictness.indexOf(a.policy.type) - strictness.indexOf(b.policy.type);

/** Undefined when it took. */
async function takeOne(take: Take, { clock, telemetry }: Means): Promise<Refusal | undefined> {
  const { account, amount, limit } = take;
  const taking = account.take(amount);
  try {
    const result = await inTime(clock, taking);
    return result.ok ? undefined : { take, ...result };
  } catch (error) {
    // If it is granted after all, nobody needs it any more.
    taking.then((late) => late.ok && account.release(amount)).catch(() => undefined);
    if (error instanceof AllocationLostError) throw error;
    telemetry.count('limits-unreadable', 1, { policy: limit.policy.name });
    if (limit.policy.whenUnreadable === 'closed')
      throw new LimitsUnreadableError(`The state of ${describeLimit(limit.policy)}`, error);
    account.force(amount);
    return undefined;
  }
}

/** Limits that refuse nothing are read for their warnings only. */
async function open({ account, limit }: Take, { clock, telemetry }: Means): Promise<void> {
  try {
    await inTime(clock, account.open());
  } catch (error) {
    telemetry.count('limits-unreadable', 1, { policy: limit.policy.name });
    telemetry.warn('limit-not-read', { limitId: limit.limitId, ...describeError(error) });
  }
}

async function inTime<T>(clock: Clock, work: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const tooLate = clock.sleep(TABLE_WAIT_MS, stop.signal).then(() => {
    throw new Error(`The table gave no answer within ${TABLE_WAIT_MS} ms.`);
  });
  tooLate.catch(() => undefined); // Heard by the race; after the race it means nothing.
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    stop.abort();
  }
}
