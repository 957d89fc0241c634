import type { CreateKpi } from './kpis.ts';

/** One of our use cases as Pay-i must have it. */
export interface UseCaseSetup {
  name: string;
  description: string;
  /** At least this version; versions only rise. */
  version: number;
  /** What the use case does, for the property `features` of its instances (a definition has no properties). */
  features: string[];
  kpis: CreateKpi[];
}

const succeeded = (name: string, description: string): CreateKpi => ({
  name,
  description,
  kpi_type: 'boolean',
  goal: 0.95,
});

export const createUseCasesClient: readonly UseCaseSetup[] = [
  {
    name: 'trail_analysis',
    description: 'Trail photos to terrain, difficulty and vehicle advice',
    version: 2,
    features: ['terrain_analysis', 'vehicle_recommendations', 'emergency_comms', 'starlink_coverage'],
    kpis: [
      succeeded('analysis_success', 'The analysis was completed and is usable'),
      { name: 'difficulty_rating', description: 'Difficulty of the trail, 1 to 5', kpi_type: 'number', goal: 3 },
      { name: 'image_count', description: 'Photos analysed, 1 to 8', kpi_type: 'number', goal: 3 },
    ],
  },
  {
    name: 'trail_finder',
    description: 'Trail search with web search',
    version: 1,
    features: ['web_search', 'vehicle_matching', 'trail_recommendations'],
    kpis: [
      succeeded('search_success', 'The search was completed and found trails'),
      { name: 'result_count', description: 'Trails returned', kpi_type: 'number', goal: 5 },
      {
        name: 'vehicle_capability_score',
        description: 'How capable the vehicle is off the road, 1 to 5',
        kpi_type: 'number',
        goal: 3,
      },
    ],
  },
  {
    name: 'trail_planner',
    description: 'Routes over trails with waypoints',
    version: 1,
    features: ['route_optimization', 'waypoint_suggestions', 'terrain_analysis'],
    kpis: [
      succeeded('plan_success', 'The plan was completed and is usable'),
      { name: 'waypoint_count', description: 'Waypoints of the route', kpi_type: 'number', goal: 5 },
      { name: 'route_distance', description: 'Length of the route in miles', kpi_type: 'number', goal: 50 },
    ],
  },
  {
    name: 'judge_validation',
    description: 'Answers of the other use cases, judged by a second model',
    version: 1,
    features: ['accuracy_check', 'hallucination_detection', 'source_verification'],
    kpis: [
      succeeded('validation_passed', 'The judge found the answer valid'),
      { name: 'overall_score', description: "The judge's score, 1 to 10", kpi_type: 'number', goal: 8 },
      {
        name: 'hallucination_detected',
        description: 'The judge found something made up; the goal is the share that is tolerable',
        kpi_type: 'boolean',
        goal: 0.05,
      },
    ],
  },
];
