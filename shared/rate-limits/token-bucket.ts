const MINUTE_MS = 60_000;

/** Requests that may still be made, refilled evenly. */
export interface BucketLevel {
  /** From 0 to a minute's requests. */
  tokens: number;
  /** When that was so, in ms, UTC. */
  atMs: number;
}

/** The level at another time. A clock that goes back refills nothing. */
export function refilled({ tokens, atMs }: BucketLevel, perMinute: number, nowMs: number): BucketLevel {
  const passedMs = Math.max(0, nowMs - atMs);
  return { tokens: Math.min(perMinute, tokens + (passedMs * perMinute) / MINUTE_MS), atMs: Math.max(atMs, nowMs) };
}

/** Whole seconds, from 1, until there is a token for one request. */
export const secondsToToken = (tokens: number, perMinute: number): number =>
  Math.max(1, Math.ceil(((1 - tokens) * 60) / perMinute));

/** Whole seconds until one more request is left than now; 0 when the bucket is full. */
export const secondsToMore = (tokens: number, perMinute: number): number => {
  const next = Math.min(perMinute, Math.max(0, Math.floor(tokens)) + 1);
  return Math.max(0, Math.ceil(((next - tokens) * 60) / perMinute));
};
