import { z } from 'zod';
import { invalidField } from '../../errors/request-errors.ts';
import { DAY_MS, dayOf } from '../../util/days.ts';
import { HOUR_MS, hourOf } from '../spans.ts';

const MAX_DAYS = 400;
const USUAL_DAYS = 30;

export const timeSchema = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .describe('ISO 8601; a date begins at 00:00 UTC');

/** Whole hours that cover a time, e.g. `2026-11-23T10`: from one on and before the other. */
export interface Hours {
  from: string;
  before: string;
}

/**
 * The hours of a request, by default the last 30 days.
 * @throws RequestError 400 where they are not in order or are too many; `kind` completes the text
 */
export function toHours(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  nowMs: number,
  maxDays = MAX_DAYS,
  kind = '',
): Hours {
  const toMs = to === undefined ? nowMs + 1 : Date.parse(to);
  const fromMs = from === undefined ? Date.parse(dayOf(toMs - USUAL_DAYS * DAY_MS)) : Date.parse(from);
  if (fromMs >= toMs) throw invalidField('from', 'must be before `to`');
  if (toMs - fromMs > maxDays * DAY_MS)
    throw invalidField('from', `must not be more than ${maxDays} days before \`to\`${kind}`);
  return { from: hourOf(fromMs), before: hourOf(toMs + HOUR_MS - 1) };
}
