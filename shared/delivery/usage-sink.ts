import type { Settings } from '../config/settings.ts';
import { fromUsd } from '../money.ts';
import type { PayiClient } from '../payi/client.ts';
import { PayiError } from '../payi/error.ts';
import type { BulkIngestResponse, IngestItem } from '../payi/ingest.ts';
import { ingestItem } from '../payi/ingest-item.ts';
import type { XproxyResult } from '../payi/xproxy-result.ts';
import type { Telemetry } from '../telemetry.ts';
import type { UsageEvent } from '../tracking/usage-event.ts';
import { inParallel } from './in-parallel.ts';
import { split } from './split.ts';
import { classifyAnswer, classifyError, type Delivered, type Verdict } from './verdict.ts';

export interface UsageEntry {
  event: UsageEvent;
  /** It may be at Pay-i already: it was delivered or tried before. */
  tried: boolean;
}

/** Hands usage events to Pay-i. */
export interface UsageSink {
  /** A verdict for each, by place. `mayCall` is asked before each bulk: an answer other than undefined stands for it. */
  ingest(entries: UsageEntry[], mayCall: () => Verdict | undefined): Promise<Verdict[]>;
}

export interface UsageSinkOptions {
  payi: Pick<PayiClient, 'ingest' | 'requests'>;
  /** Where to begin; a way that the account has not is left for the next one. */
  mode: Settings['PAYI_INGEST_MODE'];
  maxItems: number;
  maxBytes: number;
  /** Told of every bulk's outcome, for the breaker. */
  report(outcome: Verdict): void;
  telemetry: Telemetry;
}

type Mode = 'bulk-upsert' | 'bulk' | 'single';

const CALLS_AT_ONCE = 8;
const nextMode: Partial<Record<Mode, Mode>> = { 'bulk-upsert': 'bulk', bulk: 'single' };

export function createUsageSink(options: UsageSinkOptions): UsageSink {
  const { payi, maxItems, maxBytes, report, telemetry } = options;
  let mode: Mode = options.mode === 'auto' ? 'bulk-upsert' : options.mode;

  /** Only `bulk-upsert` may be given the same event twice; for the others Pay-i is asked first (D3). */
  async function deliver(entries: UsageEntry[]): Promise<Verdict[]> {
    if (mode === 'bulk-upsert') return post(entries);
    const known = await inParallel(entries, CALLS_AT_ONCE, async (entry) => (entry.tried ? lookUp(entry) : undefined));
    const rest = await post(entries.filter((_, place) => known[place] === undefined));
    return known.map((verdict) => verdict ?? (rest.shift() as Verdict));
  }

  async function lookUp({ event }: UsageEntry): Promise<Verdict | undefined> {
    try {
      const found = await payi.requests.byProvider(event.category, event.providerResponseId);
      return found && { ...delivered(found), kind: 'duplicate' };
    } catch (error) {
      return verdictOn(error);
    }
  }

  async function post(entries: UsageEntry[]): Promise<Verdict[]> {
    if (entries.length === 0) return [];
    const usedMode = mode;
    if (usedMode === 'single') return inParallel(entries, CALLS_AT_ONCE, postSingle);
    try {
      const call = usedMode === 'bulk' ? payi.ingest.bulk : payi.ingest.bulkUpsert;
      const verdicts = perItem(await call(entries.map(({ event }) => itemOf(event))), entries.length);
      report({ kind: 'accepted' });
      return verdicts;
    } catch (error) {
      const verdict = verdictOn(error);
      const next = nextMode[usedMode];
      if (next && isMissing(error)) {
        if (mode === usedMode) fallBack(usedMode, next);
        return deliver(entries);
      }
      if (isTooMuch(error) && entries.length > 1) return postHalves(entries);
      report(verdict);
      return entries.map(() => verdict);
    }
  }

  /** The call was refused because of something in it: the halves show what. */
  async function postHalves(entries: UsageEntry[]): Promise<Verdict[]> {
    const middle = Math.ceil(entries.length / 2);
    return [...(await post(entries.slice(0, middle))), ...(await post(entries.slice(middle)))];
  }

  async function postSingle({ event }: UsageEntry): Promise<Verdict> {
    try {
      const { request_id, xproxy_result } = await payi.ingest.single(itemOf(event));
      report({ kind: 'accepted' });
      return delivered({ ...xproxy_result, request_id });
    } catch (error) {
      const verdict = verdictOn(error);
      report(verdict);
      return verdict;
    }
  }

  function fallBack(from: Mode, to: Mode): void {
    mode = to;
    telemetry.warn('payi-ingest-mode', { from, to, reason: `This Pay-i account has no ${from} ingest.` });
  }

  return {
    async ingest(entries, mayCall) {
      const verdicts: Verdict[] = [];
      for (const run of split(entries, ({ event }) => sizeOf(event), maxItems, maxBytes)) {
        const instead = mayCall();
        verdicts.push(...(instead ? run.map(() => instead) : await deliver(run)));
      }
      return verdicts;
    },
  };
}

const sizeOf = (event: UsageEvent): number => JSON.stringify(itemOf(event)).length;

const items = new WeakMap<UsageEvent, IngestItem>();

function itemOf(event: UsageEvent): IngestItem {
  const known = items.get(event) ?? ingestItem(event);
  items.set(event, known);
  return known;
}

/** What a bulk's answer says of each item. An answer that does not add up leaves the items that it names no error for in doubt. */
export function perItem({ ingest_count, errors }: BulkIngestResponse, length: number): Verdict[] {
  const failures = errors ?? [];
  const addsUp = ingest_count + failures.length === length && failures.every(({ item_index }) => item_index != null);
  const rest: Verdict = addsUp
    ? { kind: 'accepted' }
    : { kind: 'uncertain', code: 'counts_differ', reason: `Pay-i counted ${ingest_count} of ${length} items.` };
  const verdicts: Verdict[] = new Array(length).fill(rest);
  for (const { item_index, xproxy_result } of failures) {
    if (item_index == null || item_index >= length) continue;
    verdicts[item_index] = classifyAnswer({
      status: xproxy_result?.statusCode ?? 400,
      code: xproxy_result?.xproxy_error?.code ?? undefined,
      reason: xproxy_result?.xproxy_error?.message ?? xproxy_result?.message ?? 'no reason given',
    });
  }
  return verdicts;
}

function delivered(result: XproxyResult): Delivered {
  const usd = result.cost?.total?.base;
  return {
    kind: result.duplicate_request ? 'duplicate' : 'accepted',
    requestId: result.request_id ?? undefined,
    costNanoUsd: usd == null ? undefined : fromUsd(usd),
  };
}

/** @throws whatever is not Pay-i's: a defect of ours must not look like an outage of theirs */
function verdictOn(error: unknown): Verdict {
  if (!(error instanceof PayiError)) throw error;
  return classifyError(error);
}

const isMissing = (error: unknown): boolean =>
  error instanceof PayiError &&
  error.kind === 'rejected' &&
  error.payiCode === undefined &&
  [403, 404, 405, 501].includes(error.payiStatus ?? 0);

const isTooMuch = (error: unknown): boolean =>
  error instanceof PayiError && error.kind === 'rejected' && [400, 413, 422].includes(error.payiStatus ?? 0);
