import type { Policy } from '../../../shared/limits/policies/policy.ts';

/** What goes wrong in a row. */
export const limitFaults = ['none', 'kill', 'tables-throttled', 'kill+tables-throttled'] as const;
export type LimitFault = (typeof limitFaults)[number];

export interface LimitScenario {
  fault: LimitFault;
  bound: Policy['bound'];
  unit: 'usd' | 'tokens' | 'requests';
  /** What happens to calls without room: with `fall_back` they have a cheaper form, with `ask` an admin approves some of them. */
  type: Exclude<Policy['type'], 'allow'>;
  processes: number;
  /** Calls at once, over all processes. */
  concurrency: number;
}

/** All of the matrix: each fault with 1, 10, 100 and 1,000 calls at once over 1 and 4 processes; then learned bounds, tokens and requests, fallbacks and approvals. */
export function allScenarios(): LimitScenario[] {
  const scenarios: LimitScenario[] = [];
  for (const bound of ['sound', 'learned'] as const)
    for (const fault of limitFaults)
      for (const processes of [1, 4])
        for (const concurrency of bound === 'sound' ? [1, 10, 100, 1_000] : [10, 100])
          scenarios.push({ fault, bound, unit: 'usd', type: 'block', processes, concurrency });
  for (const unit of ['tokens', 'requests'] as const)
    for (const fault of limitFaults)
      for (const processes of [1, 4])
        for (const concurrency of [10, 100])
          scenarios.push({ fault, bound: 'sound', unit, type: 'block', processes, concurrency });
  for (const type of ['fall_back', 'ask'] as const)
    for (const fault of limitFaults)
      for (const processes of [1, 4])
        for (const concurrency of [10, 100])
          scenarios.push({ fault, bound: 'sound', unit: 'usd', type, processes, concurrency });
  return scenarios;
}

/** The telling ones. */
export const shortScenarios: LimitScenario[] = [
  { fault: 'none', bound: 'sound', unit: 'usd', type: 'block', processes: 4, concurrency: 1_000 },
  { fault: 'tables-throttled', bound: 'sound', unit: 'usd', type: 'block', processes: 4, concurrency: 100 },
  { fault: 'kill+tables-throttled', bound: 'sound', unit: 'usd', type: 'block', processes: 4, concurrency: 100 },
  { fault: 'kill', bound: 'learned', unit: 'usd', type: 'block', processes: 4, concurrency: 10 },
  { fault: 'kill+tables-throttled', bound: 'sound', unit: 'tokens', type: 'block', processes: 4, concurrency: 100 },
  { fault: 'kill+tables-throttled', bound: 'sound', unit: 'requests', type: 'block', processes: 4, concurrency: 100 },
  { fault: 'kill+tables-throttled', bound: 'sound', unit: 'usd', type: 'fall_back', processes: 4, concurrency: 100 },
  { fault: 'kill+tables-throttled', bound: 'sound', unit: 'usd', type: 'ask', processes: 4, concurrency: 100 },
];
