import type { Overrides } from '../limits/policies/overrides/override.ts';
import type { Policy } from '../limits/policies/policy.ts';
import type { PayiClient } from '../payi/client.ts';
import type { UseCase } from '../use-cases/use-case.ts';
import { allUseCases } from '../use-cases/use-cases.ts';
import { attemptItem, type SetupItem } from './item.ts';
import { knownKpis, setUpKpi } from './kpi-item.ts';
import { limitsToSetUp, setUpLimit } from './limit-item.ts';
import { setUpUseCase } from './use-case-item.ts';

export interface SetupOptions {
  /** Changes nothing and says what would be done. */
  dryRun?: boolean;
  /** Default: all use cases of our own. */
  wanted?: readonly UseCase[];
  /** Whose limits are set up too, and for which moment (ms, UTC). Absent: no limits. */
  limits?: { policies: readonly Policy[]; overrides?: Overrides; nowMs: number };
  onItem?: (item: SetupItem) => void;
}

/**
 * Makes Pay-i's use cases, KPIs and limits equal to ours. Idempotent: a second run changes nothing. One item that fails doesn't
 * stop the others, except that the KPIs of a use case which could not be set up fail with it.
 */
export async function setUpPayi(payi: PayiClient, options: SetupOptions = {}): Promise<SetupItem[]> {
  const items: SetupItem[] = [];
  const note = (item: SetupItem) => {
    items.push(item);
    options.onItem?.(item);
  };
  const write = options.dryRun !== true;
  const useCases = options.wanted ?? allUseCases;
  for (const useCase of useCases) {
    const outcome = await attemptItem(() => setUpUseCase(payi, useCase, write));
    note({ kind: 'use_case', name: useCase.name, ...outcome });
    const known = await kpisOf(payi, useCase.name, outcome.result, write);
    for (const kpi of useCase.kpis) {
      const result =
        known instanceof Map
          ? await attemptItem(() => setUpKpi(payi, useCase.name, kpi, known.get(kpi.name), write))
          : known;
      note({ kind: 'kpi', name: `${useCase.name}/${kpi.name}`, ...result });
    }
  }
  const { policies = [], overrides, nowMs = 0 } = options.limits ?? {};
  for (const limit of limitsToSetUp(policies, useCases, nowMs, overrides)) {
    note({ kind: 'limit', name: limit.limit_name, ...(await attemptItem(() => setUpLimit(payi, limit, write))) });
  }
  return items;
}

/** A use case that is still to come in a dry run has none. */
async function kpisOf(payi: PayiClient, useCase: string, result: SetupItem['result'], write: boolean) {
  if (result === 'failed') return { result, reason: 'its use case could not be set up' };
  return result === 'created' && !write ? new Map<string, never>() : knownKpis(payi, useCase);
}
