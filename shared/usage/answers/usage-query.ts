import { type AnyDimension, type GroupValues, type View, valueReader } from '../usage-group.ts';

export const intervals = ['none', 'hour', 'day', 'month'] as const;
export type Interval = (typeof intervals)[number];

/** A question about usage. */
export interface UsageQuery {
  /** Hours, e.g. `2026-11-23T10`: from one on and before the other. */
  from: string;
  before: string;
  interval: Interval;
  groupBy: readonly AnyDimension[];
  /** A value a call must have; '' stands for none. */
  filters: Partial<Record<AnyDimension, string>>;
  /** The only use cases that the caller's access key is for; absent: all. */
  allowed?: readonly string[] | undefined;
  /** Rows of a page. */
  limit: number;
  /** Place of the last row of the page before. */
  after?: RowPlace | undefined;
}

/** Values by `groupBy` (the user first where it is one), then the interval: rows are in the order of these. */
export type RowPlace = readonly string[];

/** Usage by users is asked for. */
export const viewFor = ({ groupBy, filters }: Pick<UsageQuery, 'groupBy' | 'filters'>): View =>
  groupBy.includes('user') || filters.user !== undefined ? 'users' : 'all';

/** Dimensions in the order in which rows are sorted. */
export const sortedBy = (groupBy: readonly AnyDimension[]): AnyDimension[] =>
  groupBy.includes('user') ? ['user', ...groupBy.filter((dimension) => dimension !== 'user')] : [...groupBy];

/** Whether the values of a group are those that are asked for. */
export function groupFilter(filters: UsageQuery['filters']): (values: GroupValues) => boolean {
  const wanted = Object.entries(filters).map(([dimension, value]) => ({
    read: valueReader(dimension as AnyDimension),
    value,
  }));
  return (values) => wanted.every(({ read, value }) => read(values) === value);
}

/** The interval in which a span lies, as the beginning of a time in ISO 8601; '' for none. */
export function intervalOf(span: string, interval: Interval): string {
  if (interval === 'none') return '';
  if (interval === 'hour') return `${span}:00:00.000Z`;
  return interval === 'day' ? `${span.slice(0, 10)}T00:00:00.000Z` : `${span.slice(0, 7)}-01T00:00:00.000Z`;
}
