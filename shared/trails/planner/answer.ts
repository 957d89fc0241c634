import type { AnswerShape } from '../structured-output/ask.ts';
import { isRecord, list, number, object, oneOf, optionalText, text, texts } from '../structured-output/fields.ts';

/** The front-end's kinds of waypoints. */
const waypointTypes = ['start', 'end', 'waypoint', 'campsite', 'water', 'fuel', 'hazard', 'viewpoint'] as const;

const between = (value: unknown, limit: number): boolean =>
  typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= limit;

/** A point off the globe can't be clamped on to it: it is dropped. */
const onTheGlobe = (raw: Record<string, unknown>): boolean => between(raw['lat'], 90) && between(raw['lng'], 180);

const waypoint = object({
  name: text('Waypoint'),
  type: oneOf(waypointTypes, 'waypoint'),
  lat: number(-90, 90, 0),
  lng: number(-180, 180, 0),
  elevation: number(-1_500, 30_000, 0, 'feet'),
  day: number(1, 30, 1, 'day of arrival'),
  description: optionalText(),
});

const segment = object({
  from: text(),
  to: text(),
  distanceMiles: number(0, 3_000, 0),
  hours: number(0, 72, 0),
  difficulty: number(1, 5, 5),
  notes: optionalText(),
});

const plan = object({
  name: text('Planned route'),
  summary: text('', 'two or three sentences'),
  waypoints: list(waypoint, onTheGlobe),
  routeSegments: list(segment),
  recommendations: texts(),
  warnings: texts(),
});
export const planAnswerSchema = plan.answer;
export const waypointSchema = waypoint.answer;
export type Plan = ReturnType<typeof plan.read>;
export type Waypoint = Plan['waypoints'][number];

export const plannerShape: AnswerShape<Plan> = {
  field: plan,
  flaw: (raw) => {
    const { waypoints } = raw;
    if (!Array.isArray(waypoints)) return 'waypoints is not a list';
    const usable = waypoints.filter((point) => isRecord(point) && onTheGlobe(point)).length;
    return usable >= 2 ? undefined : 'fewer than two waypoints have a lat and a lng';
  },
  unreadableText: 'Failed to plan the route. Please try again.',
};
