import { z } from 'zod';
import { adminOnly, invalidField, type RequestError } from '../../errors/request-errors.ts';
import type { Caller } from '../../identity/caller.ts';
import { refuseUseCase } from '../../identity/keys/key-grant.ts';
import { jsonText } from '../../util/json/json-text.ts';
import { type AnyDimension, dimensions, propertyDimension } from '../usage-group.ts';
import { placeOfCursor } from './usage-cursor.ts';
import { focusQuery } from './usage-focus.ts';
import { intervals, type UsageQuery } from './usage-query.ts';
import { timeSchema, toHours } from './usage-times.ts';

const MAX_HOURLY_DAYS = 31;

const filter = z.string().max(512).optional();

export const usageFormats = ['json', 'csv', 'ndjson', 'focus'] as const;

/** Query of `GET /api/usage`. */
export const usageRequestSchema = z.object({
  from: timeSchema.optional(),
  to: timeSchema.optional(),
  interval: z.enum(intervals).default('none'),
  groupBy: z
    .string()
    .max(200)
    .default('')
    .describe(`Some of ${dimensions.join(', ')}, property.NAME of USAGE_PROPERTIES, separated by commas`),
  user: filter,
  useCase: filter,
  version: filter,
  step: filter,
  account: filter,
  key: filter,
  category: filter,
  model: filter,
  outcome: filter,
  properties: jsonText(z.record(z.string().max(64), z.string().max(512)))
    .optional()
    .describe('properties of USAGE_PROPERTIES that a call must have, as JSON: {"region":"utah"}'),
  format: z.enum(usageFormats).default('json').describe('`focus`: CSV in the columns of FOCUS 1.2'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z
    .string()
    .max(4_000)
    .optional()
    .describe('`next` of the page before; of other formats the header `x-next-cursor`'),
});

/**
 * The query of a request: whole hours, by default the last 30 days; for a user only that user's calls.
 * @param properties those of USAGE_PROPERTIES
 * @throws RequestError 400 naming what is wrong, 403 when a user asks for another one or the key is not for the use case
 */
export function toUsageQuery(
  request: z.output<typeof usageRequestSchema>,
  caller: Caller,
  nowMs: number,
  properties: readonly string[] = [],
): UsageQuery {
  const { interval } = request;
  const hours = interval === 'hour' ? toHours(request, nowMs, MAX_HOURLY_DAYS, ' by hours') : toHours(request, nowMs);
  const filters: UsageQuery['filters'] = {};
  for (const dimension of dimensions) if (request[dimension] !== undefined) filters[dimension] = request[dimension];
  for (const [name, value] of Object.entries(request.properties ?? {})) {
    if (!properties.includes(name)) throw unknownDimension('properties', properties);
    filters[propertyDimension(name)] = value;
  }
  if (caller.role !== 'admin') {
    if (filters.user !== undefined && filters.user !== caller.userId) throw adminOnly();
    filters.user = caller.userId;
  }
  const groupBy = dimensionsOf(request.groupBy, properties);
  if (filters.useCase !== undefined) refuseUseCase(caller.key, filters.useCase);
  const query = { ...hours, interval, groupBy, filters, allowed: caller.key?.useCases, limit: request.limit };
  const asked = request.format === 'focus' ? focusQuery(query) : query;
  if (request.cursor === undefined) return asked;
  return { ...asked, after: placeOfCursor(request.cursor, asked.groupBy.length + 1) };
}

/** What usage can be grouped by. @param properties those of USAGE_PROPERTIES */
export const allDimensions = (properties: readonly string[]): AnyDimension[] => [
  ...dimensions,
  ...properties.map(propertyDimension),
];

function dimensionsOf(text: string, properties: readonly string[]): AnyDimension[] {
  const known: readonly string[] = allDimensions(properties);
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.some((name) => !known.includes(name))) throw unknownDimension('groupBy', known);
  return [...new Set(names as AnyDimension[])];
}

const unknownDimension = (field: string, known: readonly string[]): RequestError =>
  invalidField(
    field,
    known.length === 0 ? 'must be left out: USAGE_PROPERTIES is not set' : `must be some of ${known.join(', ')}`,
  );
