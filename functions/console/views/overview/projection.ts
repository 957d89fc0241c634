import { startOfDay } from './range.ts';

const DAY_MS = 86_400_000;

export interface DaySpend {
  /** ISO 8601, UTC. */
  start: string;
  usd: number;
}

export interface MonthSpend {
  today: number;
  month: number;
  /** What the month comes to at the pace of its days so far; null on its first day, which says too little. */
  projected: number | null;
}

/** What the days of this month come to. @param now ms; days are UTC */
export function monthSpend(days: readonly DaySpend[], now: number): MonthSpend {
  const date = new Date(now);
  const [start, end] = [0, 1].map((more) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + more)) as [
    number,
    number,
  ];
  const today = startOfDay(now);
  const month = days.reduce((sum, { usd }) => sum + usd, 0);
  return {
    today: days.find((day) => Date.parse(day.start) === today)?.usd ?? 0,
    month,
    projected: now - start < DAY_MS ? null : (month * (end - start)) / (now - start),
  };
}
