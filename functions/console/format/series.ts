/** What is drawn over time: one row of values for each name, at the same times. */
export interface Series {
  /** Seconds, UTC. */
  times: number[];
  /** `null` is the rest. */
  rows: { name: string | null; values: number[] }[];
}

export interface Point {
  /** ISO 8601. */
  start: string;
  name: string;
  value: number;
}

/**
 * Points by name as rows over all times of `from` to `to`, the largest first. What does not fit in `most` rows is added up as the rest.
 * @param times seconds, UTC, in order
 */
export function seriesOf(points: readonly Point[], times: number[], most: number): Series {
  const places = new Map(times.map((time, place) => [time, place]));
  const rows = new Map<string, number[]>();
  for (const { start, name, value } of points) {
    const place = places.get(Date.parse(start) / 1_000);
    if (place === undefined) continue;
    let values = rows.get(name);
    if (!values) {
      values = times.map(() => 0);
      rows.set(name, values);
    }
    values[place] = (values[place] ?? 0) + value;
  }
  const sorted = [...rows]
    .map(([name, values]): { name: string | null; values: number[]; sum: number } => ({
      name,
      values,
      sum: sumOf(values),
    }))
    .sort((a, b) => b.sum - a.sum);
  const kept = sorted.slice(0, most);
  const rest = sorted.slice(most);
  if (rest.length > 0)
    kept.push({
      name: null,
      values: addUp(
        rest.map(({ values }) => values),
        times.length,
      ),
      sum: 0,
    });
  return { times, rows: kept.map(({ name, values }) => ({ name, values })) };
}

/** Each row on top of those before it. */
export function stack(rows: readonly number[][]): number[][] {
  const below: number[] = [];
  return rows.map((row) =>
    row.map((value, place) => {
      const top = (below[place] ?? 0) + value;
      below[place] = top;
      return top;
    }),
  );
}

/** Times from one to before the other, in seconds. @param stepMs of an hour or a day, UTC */
export function timesBetween(fromMs: number, toMs: number, stepMs: number): number[] {
  const times: number[] = [];
  for (let ms = Math.floor(fromMs / stepMs) * stepMs; ms < toMs; ms += stepMs) times.push(ms / 1_000);
  return times;
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const addUp = (rows: readonly number[][], length: number): number[] =>
  Array.from({ length }, (_none, place) => rows.reduce((sum, row) => sum + (row[place] ?? 0), 0));
