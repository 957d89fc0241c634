import { randomUUID } from 'node:crypto';
import { Problem, Refusal } from '../http/api-error.ts';
import { createUint16Column } from './columns.ts';
import { checkScore, type KpiType } from './kpi-types.ts';
import type { Limit, LimitSettings, LimitStore } from './limit-store.ts';
import { MOST_KPIS, type ScoreCell, ScoreStore } from './score-store.ts';

export type LimitConfig = Omit<LimitSettings, 'limit_id' | 'limit_name'>;

export interface Kpi {
  /** Its number, for the scores. */
  slot: number;
  name: string;
  description: string;
  type: KpiType;
  goal: number;
  /** ms, UTC. */
  created: number;
  updated: number;
}

export interface UseCase {
  name: string;
  description: string;
  loggingEnabled: boolean | undefined;
  limitConfig: LimitConfig | undefined;
  version: number;
  kpis: Map<string, Kpi>;
  /** Instance id to its number. */
  instances: Map<string, number>;
}

export interface Instance {
  number: number;
  id: string;
  useCase: UseCase;
  version: number;
  limit: Limit | undefined;
}

export interface Score extends Omit<ScoreCell, 'instance' | 'slot'> {
  useCase: UseCase;
  useCaseId: string;
  kpi: Kpi;
}

const namePattern = /^[A-Za-z0-9._-]{1,64}$/;

/** Use cases, their versions, instances, KPIs and scores. Instances and scores are columns: there may be a million. */
export class UseCaseStore {
  readonly byName = new Map<string, UseCase>();
  readonly #limits: LimitStore;
  readonly #ids: string[] = [];
  readonly #owners: UseCase[] = [];
  readonly #versions = createUint16Column();
  readonly #autoLimits = new Map<number, Limit>();
  readonly #kpis: Kpi[] = [];
  readonly #cells = new ScoreStore();

  constructor(limits: LimitStore) {
    this.#limits = limits;
  }

  get instanceCount(): number {
    return this.#ids.length;
  }

  get scoreCount(): number {
    return this.#cells.size;
  }

  get(name: string): UseCase {
    const useCase = this.byName.get(name);
    if (!useCase) throw new Refusal(404, 'use_case_not_found', 'There is no use case with this name.');
    return useCase;
  }

  isName(name: string): boolean {
    return namePattern.test(name);
  }

  create(
    name: string,
    description: string,
    settings: Partial<Pick<UseCase, 'loggingEnabled' | 'limitConfig'>> = {},
  ): UseCase {
    if (!namePattern.test(name)) {
      throw new Refusal(
        400,
        'invalid_use_case_name',
        'A name has up to 64 letters, digits, dots, dashes and underscores.',
      );
    }
    const useCase: UseCase = {
      name,
      description,
      loggingEnabled: settings.loggingEnabled,
      limitConfig: settings.limitConfig,
      version: 1,
      kpis: new Map(),
      instances: new Map(),
    };
    this.byName.set(name, useCase);
    return useCase;
  }

  addKpi(useCase: UseCase, kpi: Pick<Kpi, 'name' | 'description' | 'type' | 'goal'>, now: number): Kpi {
    const added = { ...kpi, slot: this.#kpis.length, created: now, updated: now };
    if (added.slot >= MOST_KPIS)
      throw new Refusal(400, 'request_processing_error', `The stand-in keeps ${MOST_KPIS} KPIs at most.`);
    this.#kpis.push(added);
    useCase.kpis.set(kpi.name, added);
    return added;
  }

  kpi(useCase: UseCase, name: string): Kpi {
    const kpi = useCase.kpis.get(name);
    if (!kpi) throw new Refusal(404, 'kpi_not_found', 'The use case has no such KPI.');
    return kpi;
  }

  /** The number of an instance; a new one gets the version named or else the latest, and its own limit if one is set up. */
  touch(useCase: UseCase, id: string | undefined, version: number | undefined, now: number): number {
    const known = id === undefined ? undefined : useCase.instances.get(id);
    if (known !== undefined) return known;
    const number = this.#ids.length;
    const fresh = id ?? randomUUID();
    this.#ids.push(fresh);
    this.#owners.push(useCase);
    this.#versions.set(number, version ?? useCase.version);
    useCase.instances.set(fresh, number);
    if (useCase.limitConfig) {
      const settings = { ...useCase.limitConfig, limit_name: `${useCase.name}:${randomUUID()}` };
      this.#autoLimits.set(number, this.#limits.create(settings, now).limit);
    }
    return number;
  }

  autoLimit(number: number): Limit | undefined {
    return this.#autoLimits.get(number);
  }

  instance(number: number): Instance | undefined {
    const id = this.#ids[number];
    const useCase = this.#owners[number];
    if (id === undefined || useCase === undefined) return undefined;
    return { number, id, useCase, version: this.#versions.get(number), limit: this.#autoLimits.get(number) };
  }

  find(useCaseName: string, id: string): Instance {
    const instance = this.instance(this.get(useCaseName).instances.get(id) ?? -1);
    if (!instance) throw new Refusal(404, 'use_case_instance_not_found', 'The use case has no such instance.');
    return instance;
  }

  /** @throws Problem 404 before the instance or the KPI exists, 400 for a score that does not fit the KPI's type. */
  putScore(useCaseName: string, id: string, kpiName: string, score: unknown, now: number): void {
    const useCase = this.byName.get(useCaseName);
    const number = useCase?.instances.get(id);
    const kpi = useCase?.kpis.get(kpiName);
    if (number === undefined) throw new Problem(404, 'Not Found', 'The use case has no such instance.');
    if (!kpi) throw new Problem(404, 'Not Found', 'The use case has no such KPI.');
    this.#cells.put(number, kpi.slot, checkScore(kpi.type, score), now);
  }

  scoresOf(instance: Instance): Score[] {
    return [...instance.useCase.kpis.values()].flatMap((kpi) => {
      const cell = this.#cells.find(instance.number, kpi.slot);
      return cell ? [{ ...cell, useCase: instance.useCase, useCaseId: instance.id, kpi }] : [];
    });
  }

  /** The score in a row, 0 to `scoreCount` - 1, in the order in which they were first put. */
  scoreAt(row: number): Score | undefined {
    const cell = this.#cells.at(row);
    const instance = this.instance(cell.instance);
    const kpi = this.#kpis[cell.slot];
    return instance && kpi && { ...cell, useCase: instance.useCase, useCaseId: instance.id, kpi };
  }
}
