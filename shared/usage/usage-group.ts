import type { LedgerRow } from '../ledger/ledger-row.ts';
import type { CallUnits } from './tokens.ts';
import { addCall, addFigures, noUsage, type UsageFigures } from './usage-figures.ts';

/** What usage is grouped and filtered by. The user comes first, so that the calls of one user stand together. */
export const dimensions = [
  'user',
  'useCase',
  'version',
  'step',
  'account',
  'key',
  'category',
  'model',
  'outcome',
] as const;
export type Dimension = (typeof dimensions)[number];

/** A property of the setting USAGE_PROPERTIES, which usage is grouped and filtered by too. */
export type PropertyDimension = `property.${string}`;
export type AnyDimension = Dimension | PropertyDimension;

/**
 * A value for each dimension, by its place in `dimensions`; '' where a call has none. Behind them, where a call has properties of
 * the setting, these as JSON.
 */
export type GroupValues = readonly string[];

export interface UsageGroup {
  values: GroupValues;
  figures: UsageFigures;
}

/**
 * Two sets of groups are kept of each span: by every dimension, and by all but the user, where every user is ''. The second answers
 * what does not ask for users, from far fewer groups.
 */
export const views = ['users', 'all'] as const;
export type View = (typeof views)[number];

export const placeOfDimension = (dimension: Dimension): number => dimensions.indexOf(dimension);

const PROPERTY = 'property.';

/** The name of a property that is grouped by; undefined for a dimension of another kind. */
export const propertyNameOf = (dimension: AnyDimension): string | undefined =>
  dimension.startsWith(PROPERTY) ? dimension.slice(PROPERTY.length) : undefined;

export const propertyDimension = (name: string): PropertyDimension => `${PROPERTY}${name}`;

/** How a dimension is read from the values of groups: '' for none. */
export function valueReader(dimension: AnyDimension): (values: GroupValues) => string {
  const name = propertyNameOf(dimension);
  if (name === undefined) {
    const place = placeOfDimension(dimension as Dimension);
    return (values) => values[place] ?? '';
  }
  // Few sets of properties belong to many groups.
  const known = new Map<string, string>();
  return (values) => {
    const properties = values[dimensions.length];
    if (properties === undefined) return '';
    let value = known.get(properties);
    if (value === undefined) {
      value = (JSON.parse(properties) as Record<string, string>)[name] ?? '';
      known.set(properties, value);
    }
    return value;
  };
}

export function compareValues(a: GroupValues, b: GroupValues): number {
  for (let place = 0; place < a.length; place++) {
    const one = a[place] ?? '';
    const other = b[place] ?? '';
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

/** Groups that are being added up. */
export class GroupSums {
  readonly #groups = new Map<string, UsageGroup>();

  add(values: GroupValues, figures: UsageFigures): void {
    const [user = '', ...others] = values;
    addFigures(this.#of(user, others, keyOf(others)), figures);
  }

  /** Adds a call. @param others values of the dimensions besides the user, and their `keyOf` */
  addRow(user: string, others: GroupValues, key: string, row: LedgerRow, units: CallUnits): void {
    addCall(this.#of(user, others, key), row, units);
  }

  sorted(): UsageGroup[] {
    return [...this.#groups.values()].sort((a, b) => compareValues(a.values, b.values));
  }

  #of(user: string, others: GroupValues, key: string): UsageFigures {
    // The length keeps users apart whose names and values run together.
    const name = `${user.length} ${user}${key}`;
    let group = this.#groups.get(name);
    if (!group) {
      group = { values: [user, ...others], figures: noUsage() };
      this.#groups.set(name, group);
    }
    return group.figures;
  }
}

/** One text for the same values: made once for all the sums that a call is added to. */
export const keyOf = (values: GroupValues): string => JSON.stringify(values);
