import { readFileSync } from 'node:fs';

/** Amounts in and out of one unit, e.g. tokens. */
export interface Amounts {
  input?: number;
  output?: number;
}
export type Units = Record<string, Amounts>;

/** pico-USD for one unit: integers, so that sums stay exact up to 9,000 USD. */
interface UnitPrice {
  input: number;
  output: number;
}

/** The prices of a model from a day on. */
export interface PriceVersion {
  id: string;
  category: string;
  resource: string;
  /** ms, UTC. */
  start: number;
  units: Map<string, UnitPrice>;
  /** Input tokens of a request (caches included) above which the `_large_context` prices hold for all of it. */
  largeContextThreshold: number | undefined;
}

/** What one request costs, in pico-USD. */
export interface Charge {
  input: number;
  output: number;
  unknownUnits: Units | undefined;
}

export interface PriceBook {
  /** The version that holds at a time; a model's first one for times before it. */
  at(category: string, resource: string, timeMs: number): PriceVersion | undefined;
  versions(category: string, resource: string): PriceVersion[];
  resources(category: string): PriceVersion[];
  categories(): string[];
  add(version: Omit<PriceVersion, 'id'>): PriceVersion;
  remove(category: string, resource?: string, id?: string): PriceVersion[];
}

const PICO = 1e12;
export const toUsd = (pico: number): number => pico / PICO;
export const toPico = (usd: number): number => Math.round(usd * PICO);

/** Categories that sell another one's models at its prices. */
const sellers = new Map<string, string[]>(
  Object.entries({
    'system.azure': ['system.anthropic', 'system.openai'],
    'system.azureopenai': ['system.openai'],
    'system.aws.bedrock': ['system.anthropic'],
    'system.google.vertex': ['system.anthropic'],
  }),
);

/** Undated names of models whose own names are dated. */
const aliases = new Map<string, string>(
  Object.entries({
    'claude-haiku-4-5': 'claude-haiku-4-5-20251001',
    'claude-sonnet-4-5': 'claude-sonnet-4-5-20250929',
    'claude-opus-4-5': 'claude-opus-4-5-20251101',
    'claude-sonnet-4-0': 'claude-sonnet-4-20250514',
    'claude-opus-4-0': 'claude-opus-4-20250514',
  }),
);

const LARGE = '_large_context';

/** Pay-i's own book (`prices.csv`), independent of the app's, so that the two check each other. */
export function createPriceBook(csv = readFileSync(new URL('prices.csv', import.meta.url), 'utf8')): PriceBook {
  const book = new Map<string, Map<string, PriceVersion[]>>();
  let lastId = 0;

  const own = (category: string, resource: string) => book.get(category)?.get(resource);
  const find = (category: string, resource: string): PriceVersion[] | undefined => {
    const named = resource.replace(/^anthropic\./, '');
    for (const seller of [category, ...(sellers.get(category) ?? [])]) {
      const found = own(seller, resource) ?? own(seller, named) ?? own(seller, aliases.get(named) ?? '');
      if (found) return found;
    }
    return undefined;
  };

  const add = (given: Omit<PriceVersion, 'id'>): PriceVersion => {
    lastId += 1;
    const version = { ...given, id: String(lastId) };
    const resources = book.get(version.category) ?? new Map<string, PriceVersion[]>();
    book.set(version.category, resources);
    const versions = [...(resources.get(version.resource) ?? []), version].sort((a, b) => a.start - b.start);
    resources.set(version.resource, versions);
    return version;
  };

  for (const version of readCsv(csv)) add(version);

  return {
    at(category, resource, timeMs) {
      const versions = find(category, resource);
      return versions?.findLast((version) => version.start <= timeMs) ?? versions?.[0];
    },
    versions: (category, resource) => find(category, resource) ?? [],
    resources: (category) => [...(book.get(category)?.values() ?? [])].flatMap((versions) => versions.at(-1) ?? []),
    categories: () => [...book.keys()],
    add,
    remove(category, resource, id) {
      const removed: PriceVersion[] = [];
      for (const [name, versions] of book.get(category) ?? []) {
        const kept = versions.filter((one) => (resource && resource !== name) || (id && id !== one.id));
        removed.push(...versions.filter((one) => !kept.includes(one)));
        if (kept.length === 0) book.get(category)?.delete(name);
        else book.get(category)?.set(name, kept);
      }
      if (book.get(category)?.size === 0) book.delete(category);
      return removed;
    },
  };
}

/** What the units cost. Units without a price cost nothing and are named. */
export function charge(version: PriceVersion | undefined, units: Units): Charge {
  const large = version?.largeContextThreshold !== undefined && inputOf(units) > version.largeContextThreshold;
  let input = 0;
  let output = 0;
  let unknownUnits: Units | undefined;
  for (const name in units) {
    const amounts = units[name] ?? {};
    const price = version && priceOf(version, name, large);
    if (price) {
      input += (amounts.input ?? 0) * price.input;
      output += (amounts.output ?? 0) * price.output;
    } else {
      unknownUnits ??= {};
      unknownUnits[name] = amounts;
    }
  }
  return { input, output, unknownUnits };
}

/** Large-context units of a model without such a surcharge have its usual prices; images are priced as text. */
function priceOf(version: PriceVersion, unit: string, large: boolean): UnitPrice | undefined {
  const plain = unit.endsWith(LARGE) ? unit.slice(0, -LARGE.length) : unit;
  const name = plain === 'vision' ? 'text' : plain;
  const surcharged = large || plain !== unit ? version.units.get(name + LARGE) : undefined;
  return surcharged ?? version.units.get(name);
}

function inputOf(units: Units): number {
  let sum = 0;
  for (const name in units) sum += units[name]?.input ?? 0;
  return sum;
}

/** A row with `above` adds the prices that hold above so many input tokens to the version of the same day. */
function readCsv(csv: string): Omit<PriceVersion, 'id'>[] {
  const [header = '', ...lines] = csv.trim().split('\n');
  const priced = header.split(',').slice(4);
  const versions = new Map<string, Omit<PriceVersion, 'id'>>();
  for (const line of lines) {
    const [category = '', resource = '', start = '', above = '', ...prices] = line.split(',');
    const key = `${category} ${resource} ${start}`;
    const version = versions.get(key) ?? {
      category,
      resource,
      start: Date.parse(start),
      units: new Map<string, UnitPrice>(),
      largeContextThreshold: undefined,
    };
    if (above) version.largeContextThreshold = Number(above);
    versions.set(key, version);
    for (const [column, usd] of prices.entries()) {
      const [unit = '', way = 'input'] = (priced[column] ?? '').split('.');
      const name = above ? unit + LARGE : unit;
      if (usd) version.units.set(name, { input: 0, output: 0, ...version.units.get(name), [way]: toPico(Number(usd)) });
    }
  }
  return [...versions.values()];
}
