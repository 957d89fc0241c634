import { isDeepStrictEqual } from 'node:util';
import { invalid } from '../errors.ts';
import type { Random } from '../random.ts';
import { leafText } from './leaf.ts';

type Schema = Record<string, unknown>;

export interface SatisfyContext {
  root: Schema;
  random: Random;
  /** Name of the place, for texts that none of our answers has. */
  place: string;
}

/** `satisfy` for a schema that a caller sent. @throws ApiProblem 400 for a value that is not a schema. */
export function satisfyCaller(schema: Schema, preferred: unknown, name: string, context: SatisfyContext): unknown {
  try {
    return satisfy(schema, preferred, name, context);
  } catch (cause) {
    throw Object.assign(invalid(`${name}: the JSON schema is not valid`), { cause });
  }
}

/** A schema that asks for more items or characters than this gets no more. */
const most = { items: 1_000, characters: 100_000 };

/**
 * A value that satisfies a JSON schema: `preferred` where that fits, else one made from the member's name.
 * Knows `$ref`, `allOf`, `anyOf`, `oneOf`, `const`, `enum`, `type`, and the bounds of objects, arrays, texts and numbers.
 * A `pattern` is met only where one of the texts at hand happens to match it.
 */
export function satisfy(schema: Schema, preferred: unknown, name: string, context: SatisfyContext, depth = 0): unknown {
  if (depth > 40) return null;
  const plain = resolve(schema, context);
  const choices = list(plain['anyOf']) ?? list(plain['oneOf']);
  if (choices) return satisfy(bestChoice(choices, preferred, context), preferred, name, context, depth + 1);
  if ('const' in plain) return plain['const'];
  if (Array.isArray(plain['enum'])) return pickEnum(plain['enum'], preferred, context.random);
  switch (typeFor(plain, preferred)) {
    case 'object':
      return fitObject(plain, preferred, context, depth);
    case 'array':
      return fitArray(plain, preferred, name, context, depth);
    case 'string':
      return fitText(plain, preferred, name, context);
    case 'integer':
    case 'number':
      return fitNumber(plain, preferred, context.random);
    case 'boolean':
      return typeof preferred === 'boolean' ? preferred : true;
    case 'null':
      return null;
    default:
      return preferred ?? leafText(name, context.place);
  }
}

const list = (value: unknown): Schema[] | undefined =>
  Array.isArray(value) && value.length > 0 ? (value as Schema[]) : undefined;

const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** Follows references and joins `allOf` into one schema. */
function resolve(schema: Schema, context: SatisfyContext): Schema {
  let current = schema;
  for (let hops = 0; typeof current['$ref'] === 'string' && hops < 20; hops += 1) {
    const { $ref, ...rest } = current;
    current = { ...pointer(context.root, $ref as string), ...rest };
  }
  const parts = list(current['allOf']);
  if (!parts) return current;
  const { allOf: _, ...own } = current;
  return parts.map((part) => resolve(part, context)).reduce(join, own);
}

function join(left: Schema, right: Schema): Schema {
  return {
    ...left,
    ...right,
    properties: { ...(left['properties'] as Schema), ...(right['properties'] as Schema) },
    required: [...((left['required'] as string[]) ?? []), ...((right['required'] as string[]) ?? [])],
  };
}

function pointer(root: Schema, reference: string): Schema {
  let at: unknown = root;
  for (const step of reference.replace(/^#\/?/, '').split('/').filter(Boolean)) {
    at = (at as Record<string, unknown> | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return (at ?? {}) as Schema;
}

const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

const typesOf = (schema: Schema): string[] => {
  const type = schema['type'];
  if (Array.isArray(type)) return type as string[];
  if (typeof type === 'string') return [type];
  if (schema['properties']) return ['object'];
  return schema['items'] ? ['array'] : [];
};

function typeFor(schema: Schema, preferred: unknown): string | undefined {
  const types = typesOf(schema);
  const kind = kindOf(preferred);
  return types.find((type) => type === kind || (type === 'integer' && kind === 'number')) ?? types[0];
}

function bestChoice(choices: Schema[], preferred: unknown, context: SatisfyContext): Schema {
  const kind = kindOf(preferred);
  const matches = (choice: Schema): boolean => {
    const plain = resolve(choice, context);
    if ('const' in plain) return isDeepStrictEqual(plain['const'], preferred);
    if (Array.isArray(plain['enum'])) return plain['enum'].some((item) => isDeepStrictEqual(item, preferred));
    return typesOf(plain).some((type) => type === kind || (type === 'integer' && kind === 'number'));
  };
  return choices.find(matches) ?? choices[0] ?? {};
}

function pickEnum(values: unknown[], preferred: unknown, random: Random): unknown {
  if (values.some((value) => isDeepStrictEqual(value, preferred))) return preferred;
  return values[random.below(values.length)];
}

function fitObject(
  schema: Schema,
  preferred: unknown,
  context: SatisfyContext,
  depth: number,
): Record<string, unknown> {
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>;
  const required = new Set((schema['required'] ?? []) as string[]);
  const from = (kindOf(preferred) === 'object' ? preferred : {}) as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(properties)) {
    if (name in from || required.has(name)) result[name] = satisfy(member, from[name], name, context, depth + 1);
  }
  for (const name of required) result[name] ??= leafWhereUndescribed(name, properties, from, context);
  return result;
}

const leafWhereUndescribed = (
  name: string,
  properties: Schema,
  from: Record<string, unknown>,
  context: SatisfyContext,
) => (name in properties ? null : (from[name] ?? leafText(name, context.place)));

function fitArray(schema: Schema, preferred: unknown, name: string, context: SatisfyContext, depth: number): unknown[] {
  const least = number(schema['minItems']) ?? 0;
  const upTo = Math.min(most.items, number(schema['maxItems']) ?? most.items);
  const known = Array.isArray(preferred) ? preferred : undefined;
  const count = Math.min(upTo, Math.max(least, known?.length ?? 1));
  const prefix = (schema['prefixItems'] ?? []) as Schema[];
  const items = (schema['items'] ?? {}) as Schema;
  return Array.from({ length: count }, (_, index) =>
    satisfy(prefix[index] ?? items, known?.[index % Math.max(1, known.length)], name, context, depth + 1),
  );
}

const formats: Record<string, string> = {
  'date-time': '2026-05-01T08:00:00Z',
  date: '2026-05-01',
  time: '08:00:00Z',
  duration: 'PT2H',
  email: 'ranger@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/trails',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/** The first text of what is wanted, a sample of the format and the name's own text that keeps to format and pattern; empty for null. */
function fitText(schema: Schema, preferred: unknown, name: string, context: SatisfyContext): string {
  const none = preferred === null && schema['format'] === undefined && schema['pattern'] === undefined;
  const sample = typeof schema['format'] === 'string' ? formats[schema['format']] : undefined;
  const pattern = typeof schema['pattern'] === 'string' ? new RegExp(schema['pattern'], 'u') : undefined;
  const wanted = typeof preferred === 'string' && (!sample || (URL.canParse(preferred) && schema['format'] === 'uri'));
  const candidates = [...(wanted ? [preferred] : []), ...(sample ? [sample] : []), leafText(name, context.place)];
  const fitting = candidates.find((candidate) => pattern?.test(candidate) ?? true) ?? candidates[0] ?? '';
  const text = none ? '' : fitting;
  const least = Math.min(most.characters, number(schema['minLength']) ?? 0);
  return text.padEnd(least, '.').slice(0, number(schema['maxLength']) ?? text.length + least);
}

function fitNumber(schema: Schema, preferred: unknown, random: Random): number {
  const step = number(schema['multipleOf']) ?? (schema['type'] === 'integer' ? 1 : 0);
  const above = number(schema['exclusiveMinimum']);
  const below = number(schema['exclusiveMaximum']);
  const least = Math.max(number(schema['minimum']) ?? -1e9, above === undefined ? -1e9 : above + (step || 1e-6));
  const most = Math.min(number(schema['maximum']) ?? 1e9, below === undefined ? 1e9 : below - (step || 1e-6));
  const wanted = typeof preferred === 'number' ? preferred : Math.max(0, least) + random.below(3);
  const value = Math.min(most, Math.max(least, wanted));
  if (step === 0) return value;
  const rounded = Math.round(value / step) * step;
  return rounded > most ? Math.floor(most / step) * step : rounded < least ? Math.ceil(least / step) * step : rounded;
}
