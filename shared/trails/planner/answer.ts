import { z } from 'zod';
import { hinted } from '../reading/field-hints.ts';
import { anyText, difficulty, listOf, neededTexts, number, optionalText, texts, word } from '../reading/fields.ts';
import { degrees } from '../reading/quantities.ts';
import type { Problem } from '../reading/read-answer.ts';
import { createShape } from '../reading/shape.ts';

/** The front-end's kinds of waypoints. */
const waypointTypes = ['start', 'end', 'waypoint', 'campsite', 'water', 'fuel', 'hazard', 'viewpoint'] as const;

/** Decimal degrees. A point whose position is unknown has none: it can't be put anywhere else. */
const coordinate = (axis: 'lat' | 'lng', limit: number, aliases: string[]) =>
  hinted(hinted(z.number().min(-limit).max(limit), { parse: degrees(axis) }).optional(), { needed: true, aliases });

const waypoint = z.strictObject({
  name: anyText('Waypoint'),
  // A kind that is not known may be the one that warns.
  type: word(waypointTypes, { unknown: 'hazard', synonyms: { camp: 'campsite', finish: 'end' } }),
  lat: coordinate('lat', 90, ['latitude']),
  lng: coordinate('lng', 180, ['lon', 'long', 'longitude']),
  elevation: number(-1_500, 30_000, 'feet').optional(),
  day: number(1, 30).optional(),
  description: optionalText(),
});

const segment = z.strictObject({
  from: anyText(),
  to: anyText(),
  distanceMiles: hinted(number(0, 3_000, 'miles').optional(), { needed: true, aliases: ['miles'] }),
  hours: hinted(number(0, 72, 'hours').optional(), { needed: true }),
  difficulty: difficulty(),
  notes: optionalText(),
});

export const planAnswerSchema = z.strictObject({
  name: anyText('Planned route'),
  summary: anyText('', 'two or three sentences'),
  waypoints: listOf(waypoint, { name: 'Unknown', type: 'hazard' }),
  // Without them the way is measured in straight lines, and the plan says so.
  routeSegments: listOf(segment, { from: '', to: '', difficulty: 5 }, { unknown: [], otherwise: [], suspect: true }),
  recommendations: texts(),
  warnings: neededTexts(),
});
export type PlanAnswer = z.output<typeof planAnswerSchema>;
type SaidWaypoint = z.output<typeof waypoint>;
/** A waypoint that has a place. */
export const waypointSchema = waypoint.extend({ lat: z.number().min(-90).max(90), lng: z.number().min(-180).max(180) });
export type Waypoint = z.output<typeof waypointSchema>;

export const isPlaced = (point: SaidWaypoint | undefined): point is Waypoint =>
  point?.lat !== undefined && point.lng !== undefined;

export const plannerShape = createShape({
  schema: planAnswerSchema,
  check: ({ waypoints }) =>
    waypoints.length < 2 ? [{ path: ['waypoints'], expected: 'must be two or more' }] : endsInPlace(waypoints),
  // Nobody can drive a route without a start or an end on the map.
  usable: ({ waypoints }) => waypoints.length >= 2 && isPlaced(waypoints[0]) && isPlaced(waypoints.at(-1)),
  unreadableText: 'Failed to plan the route. Please try again.',
});

/** Where a route ends may not depend on whether its order or its types are believed. */
function endsInPlace(waypoints: SaidWaypoint[]): Problem[] {
  const types = waypoints.map(({ type }) => type);
  const inPlace = types.lastIndexOf('start') === 0 && types.indexOf('end') === types.length - 1;
  return inPlace
    ? []
    : [{ path: ['waypoints'], expected: 'must be in driving order: the first has type start, the last type end' }];
}
