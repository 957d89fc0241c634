import type { PayiClient } from '../payi/client.ts';
import { collect } from '../payi/transport/paging.ts';
import type { UseCase } from '../use-cases/use-case.ts';
import { allUseCases } from '../use-cases/use-cases.ts';

/** What Pay-i has, under the names that the front-end's admin page reads. */
export interface SetupAtPayi {
  useCases: {
    use_case_name: string;
    description?: string;
    version?: number;
    properties?: Readonly<Record<string, string>>;
  }[];
  /** Of our use cases. */
  kpis: { useCaseName: string; kpi_name: string; description?: string; value_type: string; goal?: number }[];
  /** The latest ones. */
  limits: { limit_id: string; limit_name: string; max: number; threshold?: number; limit_type?: string }[];
}

const LIMITS = 100;

/** Reads what Pay-i has. @throws PayiError */
export async function readSetup(payi: PayiClient, declared: readonly UseCase[] = allUseCases): Promise<SetupAtPayi> {
  const definitions = await collect(payi.definitions.list());
  const known = new Set(definitions.map(({ name }) => name));
  const kpis: SetupAtPayi['kpis'] = [];
  for (const { name: useCaseName } of declared.filter(({ name }) => known.has(name)))
    for (const { name, description, kpi_type, goal } of await collect(payi.kpis.list(useCaseName)))
      kpis.push({
        useCaseName,
        kpi_name: name,
        value_type: kpi_type ?? 'unknown',
        ...(description && { description }),
        ...(typeof goal === 'number' && { goal }),
      });
  const { limits } = await payi.limits.page({ size: LIMITS });
  return {
    useCases: definitions.map(({ name, description, type_version: version }) => {
      const properties = declared.find((useCase) => useCase.name === name)?.properties;
      return {
        use_case_name: name,
        ...(description && { description }),
        ...(typeof version === 'number' && { version }),
        ...(properties && { properties }),
      };
    }),
    kpis,
    limits: limits.map(({ limit_id, limit_name, max, threshold, limit_type }) => ({
      limit_id,
      limit_name: limit_name ?? limit_id,
      max,
      ...(typeof threshold === 'number' && { threshold }),
      ...(limit_type && { limit_type }),
    })),
  };
}
