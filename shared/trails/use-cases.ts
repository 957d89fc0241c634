/** The four use cases as Pay-i knows them. The version goes up when a prompt or a reading changes what scores mean. */
export const useCases = {
  analysis: { name: 'trail_analysis', version: 3 },
  finder: { name: 'trail_finder', version: 2 },
  planner: { name: 'trail_planner', version: 2 },
  judge: { name: 'judge_validation', version: 2 },
} as const;

export type UseCase = (typeof useCases)[keyof typeof useCases];
