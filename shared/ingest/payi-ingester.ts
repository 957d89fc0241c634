import type { Settings } from '../config/settings.ts';
import type { UsageEvent } from '../events/usage-event.ts';
import type { PayiClient } from '../payi/client.ts';
import { ingestItem } from '../payi/ingest/ingest-item.ts';
import type { IngestItem } from '../payi/ingest/item.ts';
import { PayiError } from '../payi/transport/error.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import { inParallel } from '../util/in-parallel.ts';
import { split } from '../util/split.ts';
import { delivered, isMissing, isTooMuch, perItem } from './ingest-answer.ts';
import { createIngestModes } from './ingest-modes.ts';
import { classifyError, type IngestResult } from './ingest-result.ts';
import { createPriceWatch } from './price-watch.ts';

export interface UsageEntry {
  event: UsageEvent;
  /** It may be at Pay-i already: it was delivered or tried before. */
  tried: boolean;
}

/** Asked before calls to Pay-i: an answer other than undefined stands in the call's place. */
export interface Permit {
  /** Before each bulk. */
  begin(): IngestResult | undefined;
  /** Before each further call for the same bulk: a look-up, a half of it, a single event. */
  goOn(): IngestResult | undefined;
}

/** Hands usage events to Pay-i. */
export interface PayiIngester {
  /** A verdict for each, by place. */
  ingest(entries: UsageEntry[], permit: Permit): Promise<IngestResult[]>;
}

export interface PayiIngesterOptions {
  payi: Pick<PayiClient, 'ingest' | 'requests'>;
  /** Where to begin; while the account lacks a way the next one is used. */
  mode: Settings['PAYI_INGEST_MODE'];
  maxItems: number;
  maxBytes: number;
  /** Gets every bulk's outcome, for the breaker. */
  report(outcome: IngestResult): void;
  clock: Clock;
  telemetry: Telemetry;
}

/** An entry with the item that Pay-i gets. */
interface Posted extends UsageEntry {
  item: IngestItem;
}

const CALLS_AT_ONCE = 8;

export function createPayiIngester(options: PayiIngesterOptions): PayiIngester {
  const { payi, maxItems, maxBytes, report, clock, telemetry } = options;
  const modes = createIngestModes(options.mode, clock, telemetry);
  const prices = createPriceWatch(clock, telemetry);

  /** Only `bulk-upsert` may be given the same event twice; for the others Pay-i is asked first (D3). */
  async function deliver(entries: Posted[], permit: Permit): Promise<IngestResult[]> {
    if (modes.current() === 'bulk-upsert') return post(entries, permit);
    const known = await inParallel(entries, CALLS_AT_ONCE, async (entry) =>
      entry.tried ? (permit.goOn() ?? (await lookUp(entry))) : undefined,
    );
    const rest = await post(
      entries.filter((_, place) => known[place] === undefined),
      permit,
    );
    return known.map((verdict) => verdict ?? (rest.shift() as IngestResult));
  }

  async function lookUp({ event }: UsageEntry): Promise<IngestResult | undefined> {
    try {
      const found = await payi.requests.byProvider(event.category, event.providerResponseId);
      if (!found) return undefined;
      prices.compare(event, found.cost);
      return { ...delivered(found), kind: 'duplicate' };
    } catch (error) {
      return verdictOn(error);
    }
  }

  async function post(entries: Posted[], permit: Permit): Promise<IngestResult[]> {
    if (entries.length === 0) return [];
    const mode = modes.current();
    if (mode === 'single')
      return inParallel(entries, CALLS_AT_ONCE, async (entry) => permit.goOn() ?? (await postSingle(entry)));
    try {
      const call = mode === 'bulk' ? payi.ingest.bulk : payi.ingest.bulkUpsert;
      const verdicts = perItem(await call(entries.map(({ item }) => item)), entries.length);
      modes.works(mode);
      report({ kind: 'accepted' });
      return verdicts;
    } catch (error) {
      const verdict = verdictOn(error);
      if (isMissing(error)) {
        modes.isMissing(mode);
        const instead = permit.goOn();
        return instead ? entries.map(() => instead) : deliver(entries, permit);
      }
      if (isTooMuch(error) && entries.length > 1) return postHalves(entries, permit);
      report(verdict);
      return entries.map(() => verdict);
    }
  }

  /** The call was refused because of something in it: the halves show what. */
  async function postHalves(entries: Posted[], permit: Permit): Promise<IngestResult[]> {
    const middle = Math.ceil(entries.length / 2);
    const verdicts: IngestResult[] = [];
    for (const half of [entries.slice(0, middle), entries.slice(middle)]) {
      const instead = permit.goOn();
      verdicts.push(...(instead ? half.map(() => instead) : await post(half, permit)));
    }
    return verdicts;
  }

  async function postSingle({ event, item }: Posted): Promise<IngestResult> {
    try {
      const { request_id, xproxy_result } = await payi.ingest.single(item);
      report({ kind: 'accepted' });
      prices.compare(event, xproxy_result.cost);
      return delivered({ ...xproxy_result, request_id });
    } catch (error) {
      const verdict = verdictOn(error);
      report(verdict);
      return verdict;
    }
  }

  return {
    async ingest(entries, permit) {
      const verdicts: IngestResult[] = [];
      const posted = entries.map(({ event, tried }): Posted => ({ event, tried, item: ingestItem(event) }));
      for (const run of split(posted, ({ item }) => sizeOf(item), maxItems, maxBytes)) {
        const instead = permit.begin();
        verdicts.push(...(instead ? run.map(() => instead) : await deliver(run, permit)));
      }
      return verdicts;
    },
  };
}

const sizeOf = (item: IngestItem): number => Buffer.byteLength(JSON.stringify(item));

/** @throws whatever is not Pay-i's: our defect must not look like Pay-i's outage */
function verdictOn(error: unknown): IngestResult {
  if (!(error instanceof PayiError)) throw error;
  return classifyError(error);
}
