/** The UTC day of an instant, e.g. `2026-11-23`. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const DAY_MS = 24 * 3_600_000;
