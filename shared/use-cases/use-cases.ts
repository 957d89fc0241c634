import type { CallForm, DeclaredPolicy, UseCase, UseCaseKpi } from './use-case.ts';

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

/**
 * The file to edit: use cases, their KPIs, and the budgets that hold without a setting. A new use case is added here alone: set-up,
 * gateways and the demo read this list. After a change, `npm run payi-setup` makes Pay-i equal to it.
 */
export const useCases = {
  analysis: {
    name: 'trail_analysis',
    description: 'Trail photos to terrain, difficulty and vehicle advice',
    version: 3,
    properties: { features: 'terrain_analysis,vehicle_recommendations,emergency_comms,starlink_coverage' },
    kpis: [
      succeeded('analysis_success', 'The analysis was completed and is usable'),
      {
        name: 'difficulty_rating',
        description: 'Difficulty of the trail, 1 to 5',
        kpi_type: 'number',
        goal: 3,
        unit: 'points',
        scale: [1, 5],
      },
      {
        name: 'image_count',
        description: 'Photos analysed, 1 to 8',
        kpi_type: 'number',
        goal: 3,
        unit: 'photos',
        scale: [1, 8],
      },
      thumbs,
    ],
  },
  finder: {
    name: 'trail_finder',
    description: 'Trail search with web search',
    version: 2,
    properties: { features: 'web_search,vehicle_matching,trail_recommendations' },
    fallbacks: [{ model: 'claude-haiku-5-5' }],
    kpis: [
      succeeded('search_success', 'The search was completed and found trails'),
      { name: 'result_count', description: 'Trails returned', kpi_type: 'number', goal: 5, unit: 'trails' },
      {
        name: 'vehicle_capability_score',
        description: 'How capable the vehicle is off the road, 1 to 5',
        kpi_type: 'number',
        goal: 3,
        unit: 'points',
        scale: [1, 5],
      },
      thumbs,
    ],
  },
  planner: {
    name: 'trail_planner',
    description: 'Routes over trails with waypoints',
    version: 2,
    properties: { features: 'route_optimization,waypoint_suggestions,terrain_analysis' },
    kpis: [
      succeeded('plan_success', 'The plan was completed and is usable'),
      { name: 'waypoint_count', description: 'Waypoints of the route', kpi_type: 'number', goal: 5, unit: 'waypoints' },
      {
        name: 'route_distance',
        description: 'Length of the route in miles',
        kpi_type: 'number',
        goal: 50,
        unit: 'miles',
      },
      thumbs,
    ],
  },
  judge: {
    name: 'judge_validation',
    description: 'Answers of the other use cases, judged by a second model',
    version: 2,
    properties: { features: 'accuracy_check,hallucination_detection,source_verification' },
    kpis: [
      succeeded('validation_passed', 'The judge found the answer valid'),
      {
        name: 'overall_score',
        description: "The judge's score, 1 to 10",
        kpi_type: 'number',
        goal: 8,
        unit: 'points',
        scale: [1, 10],
      },
      {
        name: 'hallucination_detected',
        description: 'The judge found something made up; the goal is the share that is tolerable',
        kpi_type: 'boolean',
        goal: 0.05,
        lowerIsBetter: true,
      },
      thumbs,
    ],
  },
  anthropic: {
    name: 'anthropic_api',
    description: 'Calls of the Anthropic gateway that name no use case',
    version: 1,
    fallbacks: [{ model: 'claude-sonnet-5-5' }, { model: 'claude-haiku-5-5' }],
    kpis: [thumbs],
  },
  openai: {
    name: 'openai_api',
    description: 'Calls of the OpenAI gateway that name no use case',
    version: 1,
    kpis: [thumbs],
  },
} as const satisfies Record<string, UseCase>;

/** The same as a list. */
export const allUseCases: readonly UseCase[] = Object.values(useCases);

const fallbacks = new Map(allUseCases.map((useCase) => [useCase.name, useCase.fallbacks ?? []]));

/** The cheaper forms in which calls of a use case may be made, the best first; none of a use case that is not declared. */
export const permittedForms = (useCaseName: string): readonly CallForm[] => fallbacks.get(useCaseName) ?? [];

/**
 * Budgets while the setting LIMITS is not set: the three of Pay-i's integration guide, and the two of the front-end's own set-up,
 * which count analyses.
 */
export const declaredPolicies: readonly DeclaredPolicy[] = [
  { name: 'daily-budget', scope: 'global', window: 'day', maxUsd: 50, type: 'block' },
  { name: 'monthly-budget', scope: 'global', window: 'month', maxUsd: 500, type: 'allow' },
  { name: 'user-daily', scope: 'user', window: 'day', maxUsd: 5, type: 'block' },
  {
    name: 'daily-analysis',
    scope: 'global',
    window: 'day',
    maxUsd: 10,
    threshold: 0.8,
    type: 'allow',
    useCases: [useCases.analysis.name],
  },
  {
    name: 'monthly-analysis',
    scope: 'global',
    window: 'month',
    maxUsd: 200,
    threshold: 0.75,
    type: 'allow',
    useCases: [useCases.analysis.name],
  },
];
