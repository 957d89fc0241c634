import { createPublishing } from '../../../functions/services/publishing.ts';
import { settingsSchema } from '../../../shared/config/settings.ts';
import { createLimits } from '../../../shared/limits/limit-service.ts';
import { defaultPolicies } from '../../../shared/limits/policies/policy.ts';
import { createPayiClient } from '../../../shared/payi/client.ts';
import { openTables } from '../../../shared/tables/open.ts';
import { systemClock } from '../../../shared/util/clock.ts';
import { uuidV7 } from '../../../shared/util/ids.ts';
import { fromUsd } from '../../../shared/util/money.ts';
import { costing } from '../../support/amounts.ts';
import { noting, usageEvent } from '../../support/events.ts';
import { counting } from '../count-requests.ts';
import type { CallerSetup, CallsMade } from './callers.ts';

/** Child process: an instance of the app that makes calls when it is asked to: held, published and settled. Nobody ingests. */

const CALLS_AT_ONCE = 16;
const { tablesConnection, prefix, busConnection, payiUrl } = JSON.parse(process.argv[2] ?? '{}') as CallerSetup;
const telemetry = { ...noting(), info: () => undefined, count: () => undefined, measure: () => undefined };
const count = { requests: 0 };
const tables = counting(openTables({ connection: tablesConnection, prefix }), count);
const settings = settingsSchema.parse({ ServiceBusConnection: busConnection });
const shared = { settings, tables, clock: systemClock, telemetry };
const publishing = createPublishing(shared);
const limits = createLimits({
  ...shared,
  policies: defaultPolicies.map((policy) => ({ ...policy, maxUsd: (policy.maxUsd ?? 0) * 10_000 })),
  payi: createPayiClient({ baseUrl: payiUrl, apiKey: 'bench', timeoutMs: 20_000 }).limits,
  publisher: publishing.publisher,
});

async function call(user: number): Promise<void> {
  const userId = `user-${user}`;
  const eventId = uuidV7(Date.now());
  const useCase = { name: 'trail_finder', id: eventId };
  const hold = await limits.gate.hold({
    useCaseName: useCase.name,
    useCaseId: useCase.id,
    occurredAtMs: Date.now(),
    userId,
    eventId,
    bound: costing(fromUsd(0.03)),
    category: 'system.anthropic',
    resource: 'claude-sonnet-5-5',
  });
  const { limitIds } = hold;
  const occurredAt = new Date().toISOString();
  await publishing.publisher.publish(
    usageEvent({ eventId, occurredAt, useCase, userId, limitIds, holdIds: [hold.id] }),
  );
  await hold.settle(costing(fromUsd(0.02)), 'succeeded');
}

async function run(calls: number, users: number): Promise<CallsMade> {
  const requests = count.requests;
  const begun = performance.now();
  const cpu = process.cpuUsage();
  let next = 0;
  const caller = async () => {
    while (next < calls) await call(next++ % users);
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, caller));
  const { user, system } = process.cpuUsage(cpu);
  return {
    cpuUsPerCall: (user + system) / calls,
    callsPerSecond: (calls / (performance.now() - begun)) * 1_000,
    tableRequestsPerCall: (count.requests - requests) / calls,
  };
}

process.on('message', async (asked: { calls: number; users: number } | 'end') => {
  if (asked !== 'end') {
    process.send?.(await run(asked.calls, asked.users));
    return;
  }
  await limits.close();
  await publishing.close();
  process.disconnect();
});
