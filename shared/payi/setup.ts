import type { UseCase } from '../use-cases/use-case.ts';
import { allUseCases } from '../use-cases/use-cases.ts';
import type { PayiClient } from './client.ts';
import type { CreateKpi, Kpi } from './kpis.ts';
import { PayiError } from './transport/error.ts';
import { collect } from './transport/paging.ts';

export interface SetupItem {
  kind: 'use_case' | 'kpi';
  /** A KPI is named with its use case: `trail_finder/result_count`. */
  name: string;
  result: 'created' | 'exists' | 'updated' | 'failed';
  /** What was updated, or why it failed. */
  reason?: string;
}

export interface SetupOptions {
  /** Changes nothing and says what would be done. */
  dryRun?: boolean;
  wanted?: readonly UseCase[];
  onItem?: (item: SetupItem) => void;
}

type Outcome = Pick<SetupItem, 'result' | 'reason'>;

/**
 * Makes Pay-i's use cases and KPIs equal to ours. Idempotent: a second run changes nothing. One item that fails doesn't
 * stop the others, except that the KPIs of a use case which could not be set up fail with it.
 */
export async function setUpPayi(payi: PayiClient, options: SetupOptions = {}): Promise<SetupItem[]> {
  const items: SetupItem[] = [];
  const note = (item: SetupItem) => {
    items.push(item);
    options.onItem?.(item);
  };
  const write = options.dryRun !== true;
  for (const useCase of options.wanted ?? allUseCases) {
    const outcome = await attempt(() => equalUseCase(payi, useCase, write));
    note({ kind: 'use_case', name: useCase.name, ...outcome });
    const known = await knownKpis(payi, useCase, outcome, write);
    for (const kpi of useCase.kpis) {
      const result = 'result' in known ? known : await attempt(() => equalKpi(payi, useCase.name, kpi, known, write));
      note({ kind: 'kpi', name: `${useCase.name}/${kpi.name}`, ...result });
    }
  }
  return items;
}

async function equalUseCase(payi: PayiClient, wanted: UseCase, write: boolean): Promise<Outcome> {
  const { name, description } = wanted;
  const found = await payi.definitions.get(name);
  if (!found) {
    if (write) await payi.definitions.create({ name, description });
    await raiseVersion(payi, wanted, 1, write);
    return { result: 'created' };
  }
  const changes: string[] = [];
  if (found.description !== description) {
    if (write) await payi.definitions.update(name, { description });
    changes.push('description');
  }
  const version = found.type_version ?? 1;
  if (version < wanted.version) {
    await raiseVersion(payi, wanted, version, write);
    changes.push(`version ${version} to ${wanted.version}`);
  }
  return changes.length > 0 ? { result: 'updated', reason: changes.join(', ') } : { result: 'exists' };
}

/** Looks at the version that each step led to, so that two set-ups at once don't raise it too far. */
async function raiseVersion(payi: PayiClient, { name, version }: UseCase, from: number, write: boolean) {
  let now = from;
  while (write && now < version) now = (await payi.definitions.incrementVersion(name)).type_version ?? now + 1;
}

/** The KPIs that Pay-i has, by name; or why they can't be set up. A dry run has none where the use case is still to come. */
async function knownKpis(
  payi: PayiClient,
  { name }: UseCase,
  { result }: Outcome,
  write: boolean,
): Promise<Map<string, Kpi> | Outcome> {
  if (result === 'failed') return { result: 'failed', reason: 'its use case could not be set up' };
  if (result === 'created' && !write) return new Map();
  let found: Kpi[] = [];
  const listed = await attempt(async () => {
    found = await collect(payi.kpis.list(name));
    return { result: 'exists' };
  });
  return listed.result === 'failed' ? listed : new Map(found.map((kpi) => [kpi.name, kpi]));
}

async function equalKpi(
  payi: PayiClient,
  useCase: string,
  wanted: CreateKpi,
  known: Map<string, Kpi>,
  write: boolean,
): Promise<Outcome> {
  const found = known.get(wanted.name);
  if (!found) {
    if (write) await payi.kpis.create(useCase, wanted);
    return { result: 'created' };
  }
  if (found.kpi_type && found.kpi_type !== wanted.kpi_type) {
    const reason = `Pay-i has it as ${found.kpi_type}, which can't be changed to ${wanted.kpi_type}: delete it there first`;
    return { result: 'failed', reason };
  }
  const { description, goal } = wanted;
  if (found.description === description && found.goal === goal) return { result: 'exists' };
  if (write) await payi.kpis.update(useCase, wanted.name, { description, goal });
  return { result: 'updated', reason: 'description or goal' };
}

/** A refusal by Pay-i is the item's outcome; anything else is our defect and ends the set-up. */
async function attempt(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PayiError) return { result: 'failed', reason: error.message };
    throw error;
  }
}
