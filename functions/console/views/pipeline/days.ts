const DAY_MS = 86_400_000;
const DAYS = 8;

/** The latest days (UTC), today first. @param nowMs ms, UTC */
export const recentDays = (nowMs: number): string[] =>
  Array.from({ length: DAYS }, (_, ago) => new Date(nowMs - ago * DAY_MS).toISOString().slice(0, 10));
