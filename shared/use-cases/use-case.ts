/** How a KPI is scored: yes or no, any number, a share, or points from 1. */
export type UseCaseKpiType = 'boolean' | 'number' | 'percentage' | 'likert5' | 'likert7' | 'likert10';

/** A measure of what an instance was worth. */
export interface UseCaseKpi {
  name: string;
  description: string;
  /** Pay-i can't change it later. */
  kpi_type: UseCaseKpiType;
  /** Of a boolean, the share of instances; of any other, the average. */
  goal: number;
  /** Of a number: what is counted or measured, e.g. `miles`. */
  unit?: string;
  /** Of a number: least and most of a score. */
  scale?: readonly [number, number];
  /** The goal is the most that is tolerable. */
  lowerIsBetter?: boolean;
}

/** The limit that Pay-i gives each new instance for itself. It only counts: Pay-i refuses events that count against block limits. */
export interface InstanceLimit {
  /** USD. */
  maxUsd: number;
  /** Other maxima for some keys of the scope. */
  maxima?: Readonly<Record<string, number>>;
  /** Share of the maximum, 0.75 to 0.99. */
  threshold?: number;
}

/**
 * A cheaper form of a call. With `fall_back` limits it is what the provider gets in place of a request that has no room. It names what it changes:
 * a model, a shorter answer, or both, and how hard the model thinks.
 */
export type CallForm = {
  /** Lower reasoning effort; a request that asks for less keeps its own. The price of a call does not follow from it, so it comes with another member. */
  effort?: 'low' | 'medium' | 'high';
} & (
  | {
      /** As requests name it, at the same provider. It must have a price, and take the requests of the use case as they are. */
      model: string;
      maxTokens?: number;
    }
  | {
      model?: undefined;
      /** The most tokens of the answer; a request that asks for fewer keeps its own number. */
      maxTokens: number;
    }
);

/** A named feature whose cost and worth are asked for. Pay-i gets it as it stands here (`npm run payi-setup`). */
export interface UseCase {
  /** Letters, digits, `.`, `-`, `_`; at most 64 characters. */
  name: string;
  description: string;
  /** Goes up when a prompt or a reading changes what scores mean; never down. */
  version: number;
  /** What every instance of it has at Pay-i, to filter and group by. */
  properties?: Readonly<Record<string, string>>;
  /** Absent: what Pay-i has stays. */
  instanceLimit?: InstanceLimit;
  /** The cheaper forms in which its calls may be made, the best first; absent: none, so that a call without room is refused. */
  fallbacks?: readonly CallForm[];
  kpis: readonly UseCaseKpi[];
}

/** A budget as it is declared; `policySchema` has every member and the defaults. */
export interface DeclaredPolicy {
  /** Lower-case letters, digits and dashes. */
  name: string;
  scope: 'global' | 'use_case' | 'version' | 'user' | 'account' | 'key' | 'model' | 'property' | 'user+use_case';
  /** Name of the property, for the scope `property`. */
  property?: string;
  window: 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'days' | 'none';
  /** IANA name of a time zone; absent: UTC. */
  zone?: string;
  start?: { hour?: number; weekday?: string; day?: number; date?: string };
  days?: number;
  /** What it counts; absent: USD. */
  unit?: 'usd' | 'tokens' | 'input_tokens' | 'output_tokens' | 'requests' | 'images' | 'web_searches';
  maxUsd?: number;
  /** In place of `maxUsd` for any other unit. */
  max?: number;
  /** Share of the maximum, 0.75 to 0.99. */
  threshold?: number;
  type: 'block' | 'allow' | 'fall_back' | 'ask';
  /** Names of use cases; absent: all. */
  useCases?: readonly string[];
  /** Names of models as in the price list; absent: all. */
  models?: readonly string[];
}
