/** A measure of what an instance was worth. */
export interface UseCaseKpi {
  name: string;
  description: string;
  kpi_type: 'boolean' | 'number';
  /** Of a boolean, the share of instances; of a number, the average. */
  goal: number;
}

/** A named feature whose cost and worth are asked for. Pay-i gets it as it stands here (`npm run payi-setup`). */
export interface UseCase {
  /** Letters, digits, `.`, `-`, `_`; at most 64 characters. */
  name: string;
  description: string;
  /** Goes up when a prompt or a reading changes what scores mean; never down. */
  version: number;
  kpis: readonly UseCaseKpi[];
}
