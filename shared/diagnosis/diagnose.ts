import type { KeyRow } from '../identity/keys/key-book.ts';
import type { AlertRow } from '../limits/alerts/alert-outbox.ts';
import { lookAtQueue } from '../service-bus/look-at-queue.ts';
import { checkAccess, readKeptKeys } from './access.ts';
import { checkAttribution } from './attribution.ts';
import { type Check, type CheckName, type Finding, runCheck, well } from './check.ts';
import { checkClock } from './clock-difference.ts';
import { checkDeadAlerts } from './dead-alerts.ts';
import { checkDeadLetters } from './dead-letters.ts';
import { checkEnforcement } from './enforcement.ts';
import { checkExport } from './export-state.ts';
import { readLimitFacts } from './limit-facts.ts';
import type { DiagnosisParts } from './parts.ts';
import { checkPrices } from './price-check.ts';
import { checkPriceDrift, unitDrift } from './price-drift.ts';
import { checkProvider } from './provider.ts';
import { checkReceiving } from './receiving.ts';
import { recentEvents } from './recent-events.ts';

export interface Diagnosis {
  /** Every check is ok. */
  ok: boolean;
  checks: Check[];
}

const PAYI =
  'Look at PAYI_BASE_URL and PAYI_API_KEY: it must be a key of the application, not of the organisation, and PAYI_API_DIALECT must be what this Pay-i takes (live for pay-i.com). Events wait until Pay-i takes them.';
const TABLES =
  'Look at TablesConnection or TablesConnection__endpoint, and whether the identity is Storage Table Data Contributor there.';
const QUEUES =
  'Look at ServiceBusConnection, whether both queues are there, and whether the identity may send to them and receive from them.';
const EXPORT =
  'Look at ExportConnection or ExportConnection__blobServiceUri and EXPORT_CONTAINER, and whether the identity is Storage Blob Data Contributor there.';

/** Looks at everything that the app needs, each part for itself. Never rejects; takes at most half a minute. */
export async function diagnose(parts: DiagnosisParts): Promise<Diagnosis> {
  const { settings, clock, payi } = parts;
  const run = (name: CheckName, mend: string, look: () => Promise<Finding>) => runCheck(name, mend, clock, look);
  const checks = await Promise.all([
    run('settings', '', async () => well('All settings are legal.')),
    run('access', 'Mend the check "tables" first.', async () =>
      checkAccess(settings, await readKeptKeys(parts.tables.open<KeyRow>('accesskeys'), clock.now())),
    ),
    run('tables', TABLES, () => writeAndRead(parts)),
    run('queues', QUEUES, async () => {
      const queues = [settings.USAGE_QUEUE, settings.JUDGE_QUEUE];
      await Promise.all(queues.map((queue) => lookAtQueue(parts.connect, queue)));
      return well(`${queues.join(' and ')} can be sent to and received from.`);
    }),
    run('clock', 'Look whether PAYI_BASE_URL is right and can be reached from here.', () =>
      checkClock(settings.PAYI_BASE_URL, () => clock.now()),
    ),
    run('provider', 'Look whether ANTHROPIC_BASE_URL is right and can be reached from here.', () =>
      checkProvider(settings, clock.now()),
    ),
    run('payi', PAYI, async () => {
      for await (const _ of payi.definitions.list()) break;
      return well(`${settings.PAYI_BASE_URL} takes the key.`);
    }),
    run('attribution', 'Mend the check "payi" first, then "tables".', async () => {
      const { useCases } = await recentEvents(parts.ledger, clock.now());
      return checkAttribution(payi, [...settings.GATEWAY_USE_CASES, ...useCases]);
    }),
    run('receiving', 'Mend the checks "queues" and "tables" first.', () => lookAtStream(parts)),
    run('enforcement', 'Mend the checks "tables" and "payi" first.', async () =>
      checkEnforcement(await readLimitFacts(parts), await recentEvents(parts.ledger, clock.now()), settings),
    ),
    run('prices', 'Mend the checks "tables" and "payi" first.', async () => {
      const { costs, units } = await recentEvents(parts.ledger, clock.now());
      const byUnit = units.size > 0 ? unitDrift(await checkPrices(payi, clock.now()), units) : [];
      return checkPriceDrift(costs, byUnit);
    }),
    run('dead-letters', 'Mend the check "tables" first.', async () =>
      checkDeadLetters(
        parts.deadLetters,
        await checkDeadAlerts(parts.tables.open<AlertRow>('limitalerts'), clock.now()),
      ),
    ),
    run('export', EXPORT, () => checkExport(parts.tables, parts.exportFiles, clock.now())),
  ]);
  return { ok: checks.every(({ ok }) => ok), checks };
}

/** One row, always the same, so that writing leaves nothing behind that grows. */
async function writeAndRead({ tables }: DiagnosisParts) {
  const table = tables.open('diagnosis');
  const key = { partitionKey: 'diagnosis', rowKey: 'probe' };
  await table.upsert(key);
  const found = await table.get(key.partitionKey, key.rowKey);
  return found
    ? well('A row was written and read.')
    : { ok: false, found: 'A row that was written is not there.', mend: TABLES };
}

async function lookAtStream(parts: DiagnosisParts) {
  const { settings, clock, outbox, ledger, connect } = parts;
  const nowMs = clock.now();
  const queue = await lookAtQueue(connect, settings.USAGE_QUEUE);
  let outboxSinceMs: number | undefined;
  // Oldest first: the ids begin with the time.
  for await (const eventId of outbox.eventIds()) {
    outboxSinceMs = Number.parseInt(eventId.replaceAll('-', '').slice(0, 12), 16);
    break;
  }
  const { events } = await recentEvents(ledger, nowMs);
  return checkReceiving(
    { queue, recentEvents: events, ...(outboxSinceMs !== undefined && { outboxSinceMs }) },
    settings,
    nowMs,
  );
}
