/** What a limit had spent at a moment. */
export interface SpendPoint {
  /** ms, UTC. */
  atMs: number;
  /** In the smallest step of the limit's unit. A maximum is small enough for a number to be exact. */
  spent: number;
}

const FIRST_PAUSE_MS = 2_000;
const MAX_POINTS = 24;

interface History {
  /** Points are at least so far apart. */
  everyMs: number;
  points: [atMs: number, spent: number][];
}

/**
 * The history of a limit with one more point, as it stands in the state row; the same text where the last point is recent. When
 * there are too many points, every other one goes and the pause doubles: the row stays small whatever the window.
 */
export function recordSpend(history: string | undefined, nowMs: number, spentNano: bigint): string | undefined {
  const { everyMs, points } = read(history);
  const last = points.at(-1);
  if (last && nowMs - last[0] < everyMs) return history;
  points.push([nowMs, Number(spentNano)]);
  if (points.length <= MAX_POINTS) return JSON.stringify({ everyMs, points });
  const kept = points.filter((_, place) => place % 2 === 0);
  return JSON.stringify({ everyMs: 2 * everyMs, points: kept });
}

/** The points of a history, the oldest first. */
export const spendPoints = (history: string | undefined): SpendPoint[] =>
  read(history).points.map(([atMs, spent]) => ({ atMs, spent }));

const read = (history: string | undefined): History =>
  history ? (JSON.parse(history) as History) : { everyMs: FIRST_PAUSE_MS, points: [] };
