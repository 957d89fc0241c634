import { odata } from '@azure/data-tables';
import { RequestError } from '../errors/request-errors.ts';
import type { Table, Tables } from '../tables/table.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import { type BucketRow, SharedBucket } from './shared-bucket.ts';
import { secondsToMore, secondsToToken } from './token-bucket.ts';

/** Who makes a request, as far as rates are concerned. */
export interface RatedCaller {
  userId: string;
  accountName?: string;
  via: string;
  /** The access key that it came with. */
  key?: { name: string };
}

export interface RateDecision {
  /** `RateLimit` and `RateLimit-Policy`; none without a rate. */
  headers: Record<string, string>;
  /** 429 with `Retry-After`; absent where the request may be served. */
  refusal?: RequestError;
}

/** Requests per minute on paid routes. */
export interface RateLimits {
  /** Counts a request of the caller, unless it is refused. Never waits: the table is read and written behind. */
  take(caller: RatedCaller): RateDecision;
  /** Deletes buckets that were not used since then (ms, UTC). @returns how many rows */
  prune(beforeMs: number): Promise<number>;
}

interface RateLimitsOptions {
  tables: Tables;
  /** Requests per minute of one caller, and of all callers with one access key; 0: any number. */
  perCaller: number;
  perKey: number;
  clock: Clock;
  telemetry: Telemetry;
}

type PolicyName = 'caller' | 'key';
interface Rate {
  policy: PolicyName;
  perMinute: number;
  bucket: SharedBucket;
}

/** Buckets that one process keeps. Beyond it, those that are full are forgotten, and then the oldest. */
const MAX_BUCKETS = 20_000;

export function createRateLimits({ tables, perCaller, perKey, clock, telemetry }: RateLimitsOptions): RateLimits {
  const table: Table<BucketRow> = tables.open('ratelimits');
  const buckets = new Map<string, SharedBucket>();

  function bucketOf(name: string, perMinute: number): SharedBucket {
    let bucket = buckets.get(name);
    if (!bucket) {
      if (buckets.size >= MAX_BUCKETS) forget(buckets);
      bucket = new SharedBucket(table, clock, name, perMinute);
      buckets.set(name, bucket);
    }
    return bucket;
  }

  function ratesOf({ userId, accountName = '', via, key }: RatedCaller): Rate[] {
    const rates: Rate[] = [];
    const add = (policy: PolicyName, perMinute: number, about: string[]): void => {
      if (perMinute > 0)
        rates.push({ policy, perMinute, bucket: bucketOf(JSON.stringify([policy, ...about]), perMinute) });
    };
    // A service that calls for itself, or all who call without a credential, stand for many users.
    const isMany = via === 'anonymous' || key?.name === userId;
    if (!isMany) add('caller', perCaller, [via, userId, accountName]);
    if (key || isMany) add('key', perKey, [key?.name ?? via]);
    return rates;
  }

  /** What could not be reported is reported with the next requests. */
  function report(bucket: SharedBucket): void {
    bucket.report().catch((error: unknown) => {
      telemetry.count('rates-not-shared');
      telemetry.warn('rate-not-shared', describeError(error));
    });
  }

  return {
    take(caller) {
      const rates = ratesOf(caller);
      const short = rates.filter(({ bucket }) => !bucket.hasToken);
      if (short.length === 0) for (const { bucket } of rates) bucket.take();
      for (const { bucket } of rates) if (bucket.isReportDue) report(bucket);
      const headers = headersOf(rates);
      if (short.length === 0) return { headers };
      for (const { policy } of short) telemetry.count('requests-over-rate', 1, { policy });
      return { headers, refusal: refusalOf(short) };
    },
    async prune(beforeMs) {
      let removed = 0;
      const where = odata`changedAt lt ${new Date(beforeMs).toISOString()}`;
      for await (const { partitionKey, rowKey } of table.query({ where, select: ['PartitionKey', 'RowKey'] }))
        if (await table.remove({ partitionKey, rowKey })) removed += 1;
      return removed;
    },
  };
}

/** As the Internet-Draft draft-ietf-httpapi-ratelimit-headers-10 has them: since then `t` ends when more is left, not when all is back. */
function headersOf(rates: Rate[]): Record<string, string> {
  if (rates.length === 0) return {};
  const policies = rates.map(({ policy, perMinute }) => `"${policy}";q=${perMinute};w=60`);
  const left = rates.map(({ policy, perMinute, bucket: { tokens } }) => {
    return `"${policy}";r=${Math.max(0, Math.floor(tokens))};t=${secondsToMore(tokens, perMinute)}`;
  });
  return { 'ratelimit-policy': policies.join(', '), ratelimit: left.join(', ') };
}

function refusalOf(short: Rate[]): RequestError {
  const seconds = Math.max(...short.map(({ perMinute, bucket }) => secondsToToken(bucket.tokens, perMinute)));
  const [first] = short;
  const whose = first?.policy === 'key' ? 'All callers with this access key' : 'One caller';
  return new RequestError(
    'request_rate_exceeded',
    `${whose} may make ${first?.perMinute} requests a minute. Try again in ${seconds} s.`,
    {
      status: 429,
      retryAfterSeconds: seconds,
      details: { policies: short.map(({ policy, perMinute }) => ({ policy, perMinute })) },
    },
  );
}

function forget(buckets: Map<string, SharedBucket>): void {
  for (const [name, bucket] of buckets) if (bucket.isFull) buckets.delete(name);
  for (const name of buckets.keys()) {
    if (buckets.size < MAX_BUCKETS) return;
    buckets.delete(name);
  }
}
