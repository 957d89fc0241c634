/** Something that has a day of the route, or none. */
interface Dated {
  day?: number | undefined;
}

/** Waypoints by their days, in order; those without a day come last. */
export function byDay<T extends Dated>(points: readonly T[]): { day: number | null; points: T[] }[] {
  const days = new Map<number | null, T[]>();
  for (const point of points) {
    const day = point.day ?? null;
    days.set(day, [...(days.get(day) ?? []), point]);
  }
  return [...days]
    .map(([day, ofDay]) => ({ day, points: ofDay }))
    .sort((a, b) => (a.day ?? Number.POSITIVE_INFINITY) - (b.day ?? Number.POSITIVE_INFINITY));
}
