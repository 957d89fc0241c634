import type { UseCase, UseCaseKpi } from './use-case.ts';

const succeeded = (name: string, description: string): UseCaseKpi => ({
  name,
  description,
  kpi_type: 'boolean',
  goal: 0.95,
});

/** What people think of an answer: true for a thumbs up, false for a thumbs down. It comes later, by `POST /api/kpis`. */
const thumbs: UseCaseKpi = {
  name: 'user_satisfaction',
  description: 'The user gave the answer a thumbs up',
  kpi_type: 'boolean',
  goal: 0.8,
};

/** Every use case of our own. A new one is added here alone: set-up, gateways and the demo read this list. */
export const useCases = {
  analysis: {
    name: 'trail_analysis',
    description: 'Trail photos to terrain, difficulty and vehicle advice',
    version: 3,
    kpis: [
      succeeded('analysis_success', 'The analysis was completed and is usable'),
      { name: 'difficulty_rating', description: 'Difficulty of the trail, 1 to 5', kpi_type: 'number', goal: 3 },
      { name: 'image_count', description: 'Photos analysed, 1 to 8', kpi_type: 'number', goal: 3 },
      thumbs,
    ],
  },
  finder: {
    name: 'trail_finder',
    description: 'Trail search with web search',
    version: 2,
    kpis: [
      succeeded('search_success', 'The search was completed and found trails'),
      { name: 'result_count', description: 'Trails returned', kpi_type: 'number', goal: 5 },
      {
        name: 'vehicle_capability_score',
        description: 'How capable the vehicle is off the road, 1 to 5',
        kpi_type: 'number',
        goal: 3,
      },
      thumbs,
    ],
  },
  planner: {
    name: 'trail_planner',
    description: 'Routes over trails with waypoints',
    version: 2,
    kpis: [
      succeeded('plan_success', 'The plan was completed and is usable'),
      { name: 'waypoint_count', description: 'Waypoints of the route', kpi_type: 'number', goal: 5 },
      { name: 'route_distance', description: 'Length of the route in miles', kpi_type: 'number', goal: 50 },
      thumbs,
    ],
  },
  judge: {
    name: 'judge_validation',
    description: 'Answers of the other use cases, judged by a second model',
    version: 2,
    kpis: [
      succeeded('validation_passed', 'The judge found the answer valid'),
      { name: 'overall_score', description: "The judge's score, 1 to 10", kpi_type: 'number', goal: 8 },
      {
        name: 'hallucination_detected',
        description: 'The judge found something made up; the goal is the share that is tolerable',
        kpi_type: 'boolean',
        goal: 0.05,
      },
      thumbs,
    ],
  },
} as const satisfies Record<string, UseCase>;

/** The same as a list. */
export const allUseCases: readonly UseCase[] = Object.values(useCases);
