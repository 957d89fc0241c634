import type { Progress } from '../../http/event-stream.ts';
import type { Caller } from '../../identity/caller.ts';
import { resolveModel } from '../../model/clients/aliases.ts';
import { useCases } from '../../use-cases/use-cases.ts';
import { runFeature, type TrailServices } from '../feature.ts';
import type { AnswerMetrics } from '../metrics.ts';
import { properties, vehicleProperties } from '../properties.ts';
import type { Unknowns } from '../reading/unknowns.ts';
import { ask } from '../structured-output/ask.ts';
import type { Settled } from '../structured-output/settle.ts';
import { isPlaced, type PlanAnswer, plannerShape, type Waypoint } from './answer.ts';
import { plannerQuestion, plannerSystem } from './prompt.ts';
import type { PlanRequest } from './request.ts';
import { type Totals, totalsOf } from './totals.ts';

/** A month has some forty waypoints. */
const MAX_TOKENS = 20_000;

export interface PlanData {
  /** `unknown`: paths of what could not be read; each has its warning. */
  plan: Omit<PlanAnswer, 'waypoints'> & Pick<Unknowns, 'unknown'>;
  /** As `POST /api/routes` of the front-end takes them: first the start, last the end. */
  waypoints: Waypoint[];
  totals: Totals;
  metrics: AnswerMetrics;
}

/** A route over several days. @throws AnswerError, or an error of the limits. */
export async function planRoute(
  services: TrailServices,
  caller: Caller,
  request: PlanRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<PlanData> {
  const { settings } = services;
  const requestedModel = settings.MODEL_PLANNER;
  const { result, metrics } = await runFeature(services, {
    useCase: useCases.planner,
    caller,
    requestedModel,
    signal,
    useCaseProperties: properties({
      location: request.startLocation,
      duration_days: request.durationDays,
      has_vehicle: request.vehicleInfo !== undefined,
      ...vehicleProperties(request.vehicleInfo),
    }),
    requestProperties: properties({ experience_level: request.experienceLevel ?? 'unknown' }),
    work: async (deadline) => {
      const question = {
        model: resolveModel(requestedModel, settings.MODEL_ALIASES),
        system: plannerSystem,
        content: [{ type: 'text' as const, text: plannerQuestion(request) }],
        maxTokens: MAX_TOKENS,
        shape: plannerShape,
      };
      return planOf(await ask(services, question, progress, deadline));
    },
    scores: (planned) => [
      { name: 'plan_success', score: planned !== undefined },
      { name: 'waypoint_count', score: planned?.waypoints.length ?? 0 },
      { name: 'route_distance', score: planned?.totals.totalDistance ?? 0 },
    ],
  });
  return { ...result, metrics };
}

/** The answer as a route: points without a position are named in the warnings, as is all that is unknown. */
function planOf({ answer, warnings, unknown }: Settled<PlanAnswer>): Omit<PlanData, 'metrics'> {
  const { waypoints: said, ...plan } = answer;
  const waypoints = withEnds(said.filter(isPlaced));
  const unplaced = said.flatMap((point, index) =>
    isPlaced(point)
      ? []
      : [`Stop ${index + 1} of ${said.length}, ${point.name}, is not on the map: its place is unknown.`],
  );
  const totals = totalsOf({ waypoints, routeSegments: plan.routeSegments });
  const distance = totals.distanceBasis === 'straight-line' ? [STRAIGHT_LINE] : [];
  return {
    plan: { ...plan, warnings: [...plan.warnings, ...unplaced, ...distance, ...warnings], unknown },
    waypoints,
    totals,
  };
}

const STRAIGHT_LINE = 'The driven distance is unknown: the total is that of straight lines, and the way is longer.';

/** The first point is the start and the last the end, and no other is. */
const withEnds = (waypoints: Waypoint[]): Waypoint[] =>
  waypoints.map((point, index) => {
    if (index === 0) return { ...point, type: 'start' };
    if (index === waypoints.length - 1) return { ...point, type: 'end' };
    return point.type === 'start' || point.type === 'end' ? { ...point, type: 'waypoint' } : point;
  });
