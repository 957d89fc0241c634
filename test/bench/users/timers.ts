import { startPayi } from '../../../infra/local/payi/src/server.ts';
import { expireOwners } from '../../../shared/limits/owners/expire-owners.ts';
import { indexKey, OWNERS, type OwnerRow } from '../../../shared/limits/owners/owner-rows.ts';
import { PayiMirror } from '../../../shared/limits/payi/payi-mirror.ts';
import { refreshAll } from '../../../shared/limits/payi/refresh-all.ts';
import { expandPolicies } from '../../../shared/limits/policies/limit-id.ts';
import { policySchema } from '../../../shared/limits/policies/policy.ts';
import { groupWrites } from '../../../shared/limits/state/group-writes.ts';
import { placeOf } from '../../../shared/limits/state/limit-place.ts';
import { type LimitRow, newAllocation, newState } from '../../../shared/limits/state/limit-rows.ts';
import { createPayiClient } from '../../../shared/payi/client.ts';
import type { Tables } from '../../../shared/tables/table.ts';
import { systemClock } from '../../../shared/util/clock.ts';
import { uuidV7 } from '../../../shared/util/ids.ts';
import { inParallel } from '../../../shared/util/in-parallel.ts';
import { fromUsd } from '../../../shared/util/money.ts';
import { counting } from '../count-requests.ts';
import { DISTANCE_MS } from './traffic.ts';

export interface TimersRow {
  limits: number;
  refreshSeconds: number;
  refreshPayiRequests: number;
  refreshTableRequests: number;
  refreshLeft: number;
  expireSeconds: number;
  expireLeft: number;
}

const policy = policySchema.parse({ name: 'each', scope: 'account', window: 'day', maxUsd: 5, type: 'block' });

/** The timers of limits over so many limits of one day, all at Pay-i, and all with an allocation of one process that died. */
export async function measureTimers(given: Tables, count: number): Promise<TimersRow> {
  const payi = await startPayi();
  const requests = { requests: 0 };
  const tables = counting(given, requests);
  const limits = groupWrites(tables.open<LimitRow>('limits'));
  const holders = tables.open<OwnerRow>('limitholders');
  const api = createPayiClient({ baseUrl: payi.url, apiKey: 'bench', timeoutMs: 20_000 });
  const means = { limits, clock: systemClock, random: Math.random };
  const measured = new Map<string, number>();
  const nothing = () => undefined;
  const telemetry = {
    info: nothing,
    warn: nothing,
    error: nothing,
    count: nothing,
    measure: (name: string, value: number) => void measured.set(name, value),
  };
  const ownerId = uuidV7(Date.now());
  const limitIds = Array.from({ length: count }, (_, at) => {
    const call = { useCaseName: 'trail_finder', accountName: `account-${at}`, occurredAtMs: Date.now() };
    return expandPolicies([policy], call)[0]?.limitId ?? '';
  });
  const amountNano = fromUsd(0.1);
  try {
    await inParallel(limitIds, 64, (limit_id) => api.limits.create({ limit_id, limit_name: limit_id, max: 5 }));
    await inParallel(limitIds, 1_600, (limitId) =>
      limits.transact([
        {
          kind: 'insert',
          row: { ...newState(limitId), maxNano: fromUsd(5), warnNano: fromUsd(5), heldNano: amountNano },
        },
        { kind: 'insert', row: { ...newAllocation(limitId, ownerId), amountNano } },
      ]),
    );
    await holders.upsert({ partitionKey: OWNERS, rowKey: ownerId, expiresAtMs: 0, dead: false });
    for (const partition of new Set(limitIds.map((limitId) => placeOf(limitId).partitionKey)))
      await holders.upsert({ partitionKey: ownerId, rowKey: indexKey(partition), partition });

    payi.faults.add({ delayMs: DISTANCE_MS });
    requests.requests = 0;
    const before = total(payi);
    const mirror = new PayiMirror({ ...means, payi: api.limits, telemetry, crossed: nothing });
    const crossings = { catchUp: async () => undefined };
    const outbox = { deliverDue: async () => 0 };
    await refreshAll({ ...means, telemetry, mirror, crossings, outbox, policies: { current: () => [policy] } });
    const refreshTableRequests = requests.requests;
    await expireOwners({
      ...means,
      holders,
      telemetry,
      crossed: nothing,
      publisher: { publish: async () => 'queued', close: async () => undefined },
    });
    const figure = (name: string) => Number((measured.get(name) ?? 0).toFixed(1));
    return {
      limits: count,
      refreshSeconds: figure('limits-refresh-s'),
      refreshPayiRequests: total(payi) - before,
      refreshTableRequests,
      refreshLeft: figure('limits-refresh-backlog'),
      expireSeconds: figure('limits-expire-s'),
      expireLeft: figure('limits-expire-backlog'),
    };
  } finally {
    await payi.close();
  }
}

const total = (payi: Awaited<ReturnType<typeof startPayi>>): number =>
  Object.values(payi.inspect.summary().requests).reduce((sum, count) => sum + count, 0);
