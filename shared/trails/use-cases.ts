/** The four use cases as Pay-i knows them. The version goes up when a prompt or a reading changes what scores mean. */
export const useCases = {
  analysis: { name: 'trail_analysis', version: 2 },
  finder: { name: 'trail_finder', version: 1 },
  planner: { name: 'trail_planner', version: 1 },
  judge: { name: 'judge_validation', version: 1 },
} as const;

export type UseCase = (typeof useCases)[keyof typeof useCases];
