import type { UsageRow } from './usage.ts';

/** A property of the setting USAGE_PROPERTIES. */
type PropertyDimension = `property.${string}`;

const groupings = [
  ['useCase', 'use case'],
  ['useCase,version', 'version'],
  ['step', 'step'],
  ['user', 'user'],
  ['account', 'account'],
  ['key', 'access key'],
  ['model', 'model'],
  ['category', 'provider'],
  ['outcome', 'outcome'],
] as const satisfies readonly (readonly [string, string])[];
export type Grouping = (typeof groupings)[number][0] | PropertyDimension;

const PROPERTY = 'property.';
const isProperty = (name: string): name is PropertyDimension => name.startsWith(PROPERTY);

/** What can be shown apart from each other, and its words. @param dimensions of an answer; the app's properties are among them */
export const groupingsOf = (dimensions: readonly string[]): readonly (readonly [Grouping, string])[] => [
  ...groupings,
  ...dimensions.filter(isProperty).map((name): [Grouping, string] => [name, wordOf(name)]),
];

/** What is grouped by when the address says it so. */
export const groupingNamed = (name = ''): Grouping =>
  isProperty(name) ? name : (groupings.find(([each]) => each === name)?.[0] ?? 'useCase');

/** A grouping or dimension as people call it. */
export const wordOf = (name: Grouping | Dimension): string =>
  isProperty(name) ? name.slice(PROPERTY.length) : (groupings.find(([each]) => each === name)?.[1] ?? name);

/** Dimensions that a grouping has columns for. */
type NamedDimension = 'useCase' | 'version' | 'step' | 'user' | 'account' | 'key' | 'model' | 'category' | 'outcome';
export type Dimension = NamedDimension | PropertyDimension;
export const dimensionsOf = (grouping: Grouping): Dimension[] => grouping.split(',') as Dimension[];
export type Filters = Partial<Record<Dimension, string>>;

/** Members of the address that are filters of `GET /api/usage`. */
export const filtersOf = (query: Readonly<Record<string, string>>): Filters =>
  Object.fromEntries(
    Object.entries(query).filter(([name]) => isProperty(name) || groupings.some(([each]) => each === name)),
  );

/** The value of a row; nothing where calls have none. */
export const valueIn = (row: UsageRow, dimension: Dimension): string | null | undefined =>
  isProperty(dimension) ? row.properties?.[dimension.slice(PROPERTY.length)] : row[dimension];

/** Properties go together in one member, as JSON. */
export function asQuery(filters: Filters): Record<string, string> {
  const [properties, others] = [true, false].map((wanted) =>
    Object.entries(filters).filter(([name]) => isProperty(name) === wanted),
  ) as [[string, string][], [string, string][]];
  if (properties.length === 0) return Object.fromEntries(others);
  const named = properties.map(([name, value]) => [name.slice(PROPERTY.length), value]);
  return Object.fromEntries([...others, ['properties', JSON.stringify(Object.fromEntries(named))]]);
}
