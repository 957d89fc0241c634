import type { PlanAnswer, Waypoint } from './answer.ts';

const EARTH_RADIUS_MILES = 3_958.8;
/** Where the plan gives no hours: an average on trails, in miles an hour. */
const TRAIL_SPEED = 15;

export interface Totals {
  /** Miles: what the plan's segments add up to, else straight lines between the waypoints. */
  totalDistance: number;
  distanceBasis: 'segments' | 'straight-line';
  /** Minutes of driving. */
  estimatedTime: number;
  /** Feet climbed between the waypoints. */
  elevationGain: number;
}

/** Figures of a plan, in the units of the front-end's routes. A plan can't be shorter than its straight lines. */
export function totalsOf({
  waypoints,
  routeSegments,
}: Pick<PlanAnswer, 'routeSegments'> & { waypoints: Waypoint[] }): Totals {
  const straight = sum(pairs(waypoints).map(([from, to]) => milesBetween(from, to)));
  const driven = whole(routeSegments.map(({ distanceMiles }) => distanceMiles));
  const bySegments = driven >= straight && driven > 0;
  const totalDistance = round(bySegments ? driven : straight);
  const hours = whole(routeSegments.map((segment) => segment.hours));
  return {
    totalDistance,
    distanceBasis: bySegments ? 'segments' : 'straight-line',
    estimatedTime: Math.round((bySegments && hours > 0 ? hours : totalDistance / TRAIL_SPEED) * 60),
    elevationGain: Math.round(sum(pairs(waypoints).map(([from, to]) => climb(from.elevation, to.elevation)))),
  };
}

/** Great-circle distance (haversine), in miles. */
export function milesBetween(from: Pick<Waypoint, 'lat' | 'lng'>, to: Pick<Waypoint, 'lat' | 'lng'>): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const half = (a: number, b: number): number => Math.sin(radians(b - a) / 2) ** 2;
  const h = half(from.lat, to.lat) + Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * half(from.lng, to.lng);
  return 2 * EARTH_RADIUS_MILES * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** 0 as soon as one of the parts is unknown: a total without it would be too small. */
const whole = (parts: (number | undefined)[]): number =>
  parts.some((part) => part === undefined) ? 0 : sum(parts.map((part) => part ?? 0));

const climb = (from: number | undefined, to: number | undefined): number =>
  from === undefined || to === undefined ? 0 : Math.max(0, to - from);

const pairs = (points: Waypoint[]): [Waypoint, Waypoint][] =>
  points.slice(1).map((point, index) => [points[index] ?? point, point]);

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
const round = (miles: number): number => Math.round(miles * 10) / 10;
