import { hourOfPartition, type LedgerRow } from '../ledger/ledger-row.ts';
import { IndexBehindError } from '../usage/instance-index/index-behind-error.ts';
import type { InstanceLookUp } from '../usage/instance-index/look-up.ts';
import { HOUR_MS, nextHour, startOfSpan } from '../usage/spans.ts';
import type { UsageService } from '../usage/usage-service.ts';
import { type InstanceCallsDeps, minutesOfInstance, readInstanceRows } from './instance-calls.ts';
import { addTo, type InstanceSums, instanceOf, sumInstances } from './instance-sums.ts';
import type { InstancePlace, InstancesQuery } from './instances-request.ts';

export interface ListInstancesDeps extends InstanceCallsDeps {
  usage: Pick<UsageService, 'hoursWith'>;
}

export interface InstancesPage {
  instances: InstanceSums[];
  /** Where the next page begins; undefined at the end. A page may hold fewer than were asked for, and none at all. */
  next: InstancePlace | undefined;
}

/** The work for one page: hours of the ledger, events in them, and instances that are looked at. */
const MAX_HOURS = 100;
const MAX_EVENTS = 50_000;
const MAX_SEEN = 1_000;

/**
 * One page of the instances whose last call began in the time, the latest first, each with all its calls. Hours without a call of
 * the use case (and user) are passed over by the rollups of usage; each instance that is looked at costs three requests at once.
 * @throws TableError, IndexBehindError
 */
export async function listInstances(deps: ListInstancesDeps, query: InstancesQuery): Promise<InstancesPage> {
  const instances: InstanceSums[] = [];
  const lookUp = deps.instanceIndex.lookUp();
  const { after } = query;
  // The hour in which the page before ended is read again.
  const before = after ? nextHour(after[0].slice(0, 13)) : query.before;
  const times = { from: query.from, before: before < query.before ? before : query.before };
  const filters = { useCase: query.useCaseName, user: query.user, account: query.account };
  let hours = 0;
  let events = 0;
  let seen = 0;
  for await (const hour of deps.usage.hoursWith({ ...times, filters: defined(filters) })) {
    if (hours++ >= MAX_HOURS || events >= MAX_EVENTS) return { instances, next: [endOf(hour), END] };
    const rows: LedgerRow[] = [];
    for await (const row of deps.ledger.between(hour, nextHour(hour))) {
      events += 1;
      if (isOf(row, query)) rows.push(row);
    }
    const found = [...sumInstances(rows)].map(([key, sums]): Found => ({ place: [sums.lastCallAt, key], sums }));
    found.sort((a, b) => comparePlaces(b.place, a.place));
    for (const { place, sums } of found) {
      if (after && comparePlaces(place, after) >= 0) continue;
      if (instances.length >= query.limit || seen++ >= MAX_SEEN) return { instances, next: placeBefore(place) };
      const whole = await completed(deps, lookUp, query, hour, sums);
      if (whole && matches(whole, query)) instances.push(whole);
    }
  }
  return { instances, next: undefined };
}

interface Found {
  place: InstancePlace;
  sums: InstanceSums;
}

/** Sorts behind every instance's key. */
const END = '\uffff';

/** In the order of time, then of keys. A page goes on with what is before its place. */
const comparePlaces = ([at, key]: InstancePlace, [otherAt, otherKey]: InstancePlace): number =>
  at === otherAt ? (key < otherKey ? -1 : key > otherKey ? 1 : 0) : at < otherAt ? -1 : 1;

/** Such that this place is the first one before it. */
const placeBefore = ([at, key]: InstancePlace): InstancePlace => [at, `${key}\u0000`];

const endOf = (hour: string): string => new Date(startOfSpan(hour) + HOUR_MS - 1).toISOString();

const defined = <T extends Record<string, string | undefined>>(filters: T) =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));

const isOf = (row: LedgerRow, { useCaseName, user, account }: InstancesQuery): boolean =>
  row.kind === 'usage' &&
  row.useCaseName === useCaseName &&
  (user === undefined || (row.userId ?? '') === user) &&
  (account === undefined || (row.accountName ?? '') === account);

/** The sums with the calls of other hours; undefined where a later one is listed there. */
async function completed(
  deps: InstanceCallsDeps,
  lookUp: InstanceLookUp,
  query: InstancesQuery,
  hour: string,
  sums: InstanceSums,
): Promise<InstanceSums | undefined> {
  const ref = { name: query.useCaseName, id: sums.useCaseId };
  const { runs, isWhole } = await minutesOfInstance(lookUp, ref);
  // Without all its calls its sums would be too low, and it might be listed twice.
  if (!isWhole) throw new IndexBehindError();
  const others = runs.filter(({ from, before }) => from < `${hour}:00` || before > `${nextHour(hour)}:00`);
  if (others.length === 0) return sums;
  const { rows } = await readInstanceRows(deps, ref, others);
  const key = instanceOf({ useCaseId: sums.useCaseId, userId: sums.userId });
  const whole = new Map([[key, sums]]);
  for (const row of rows) {
    const rowHour = hourOfPartition(row.partitionKey);
    if (row.kind !== 'usage' || instanceOf(row) !== key || rowHour === hour) continue;
    if (rowHour > hour) return undefined;
    addTo(whole, row);
  }
  return sums;
}

const matches = (
  { models, outcomes, states, figures }: InstanceSums,
  { model, outcome, state, minCost }: InstancesQuery,
): boolean =>
  (model === undefined || models.has(model)) &&
  (outcome === undefined || outcomes.has(outcome)) &&
  (state === undefined || states.has(state)) &&
  (minCost === undefined || figures.estimatedCost >= minCost);
