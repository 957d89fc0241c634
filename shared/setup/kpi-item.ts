import type { PayiClient } from '../payi/client.ts';
import type { Kpi } from '../payi/kpis.ts';
import { collect } from '../payi/transport/paging.ts';
import type { UseCaseKpi } from '../use-cases/use-case.ts';
import { attemptItem, changesTo, foundWith, type SetupOutcome } from './item.ts';

/** The KPIs that Pay-i has, by name; or why they can't be set up. */
export async function knownKpis(payi: PayiClient, useCase: string): Promise<Map<string, Kpi> | SetupOutcome> {
  let found: Kpi[] = [];
  const listed = await attemptItem(async () => {
    found = await collect(payi.kpis.list(useCase));
    return { result: 'exists' };
  });
  return listed.result === 'failed' ? listed : new Map(found.map((kpi) => [kpi.name, kpi]));
}

/** Makes a KPI equal to ours. Without `write` it only says what would be done. @throws PayiError */
export async function setUpKpi(
  payi: PayiClient,
  useCase: string,
  wanted: UseCaseKpi,
  found: Kpi | undefined,
  write: boolean,
): Promise<SetupOutcome> {
  if (!found) {
    const { name, description, kpi_type, goal } = wanted;
    if (write) await payi.kpis.create(useCase, { name, description, kpi_type, goal });
    return { result: 'created' };
  }
  if (found.kpi_type && !isSameType(found.kpi_type, wanted.kpi_type)) {
    const reason = `Pay-i has it as ${found.kpi_type}, which can't be changed to ${wanted.kpi_type}: delete it there first`;
    return { result: 'failed', reason };
  }
  const { description, goal } = wanted;
  const changes = changesTo({ description, goal }, { description: found.description, goal: found.goal });
  if (write && changes.length > 0) await payi.kpis.update(useCase, wanted.name, { description, goal });
  return foundWith(changes);
}

/** The guide's dialect knows `boolean` and `numeric` only. */
const isSameType = (found: string, wanted: UseCaseKpi['kpi_type']): boolean =>
  found === wanted || (found === 'numeric' && wanted !== 'boolean');
