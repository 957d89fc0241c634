import { z } from 'zod';

/**
 * The shape of a model's answer, written once: as the JSON schema that the model gets, as the reader of what it
 * really said, and as the schema of what the reader returns. A reader takes anything and never throws: ranges are clamped, words outside an enum and items of the
 * wrong kind are dropped, and what is missing gets a default on the safe side.
 */
export interface Field<T> {
  schema: Record<string, unknown>;
  read(value: unknown): T;
  /** What `read` returns, for the schemas of our own answers. */
  answer: z.ZodType<T, T>;
}

const MAX_TEXT = 4_000;
const MAX_ITEMS = 50;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Control characters have no place in what a page shows; a line end and a tab do. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
const cleaned = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.replace(controls, '').trim().slice(0, MAX_TEXT) || undefined : undefined;

export const text = (otherwise = '', description?: string): Field<string> => ({
  schema: { type: 'string', ...(description && { description }) },
  read: (value) => cleaned(value) ?? otherwise,
  answer: z.string(),
});

/** Absent where the model had nothing to say: it is asked for an empty text then, since every member is required. */
export const optionalText = (description?: string): Field<string | undefined> => ({
  schema: { type: 'string', description: [description, 'Empty when there is none.'].filter(Boolean).join('. ') },
  read: cleaned,
  answer: z.string().optional(),
});

export const number = (min: number, max: number, otherwise: number, description?: string): Field<number> => ({
  schema: { type: 'number', description: [description, `${min} to ${max}`].filter(Boolean).join(', ') },
  read: (value) =>
    typeof value === 'number' && Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : otherwise,
  answer: z.number().min(min).max(max),
});

export const flag = (otherwise: boolean): Field<boolean> => ({
  schema: { type: 'boolean' },
  read: (value) => (typeof value === 'boolean' ? value : otherwise),
  answer: z.boolean(),
});

export const oneOf = <const T extends string>(words: readonly T[], otherwise: NoInfer<T>): Field<T> => ({
  schema: { type: 'string', enum: words },
  read: (value) => words.find((word) => word === value) ?? otherwise,
  answer: z.enum(words) as z.ZodType<T, T>,
});

/** Texts that say something. */
export const texts = (description?: string): Field<string[]> => ({
  schema: { type: 'array', items: { type: 'string' }, ...(description && { description }) },
  read: (value) => items(value, (item) => cleaned(item)),
  answer: z.array(z.string()),
});

/** Words of a list, each once. */
export const someOf = <const T extends string>(words: readonly T[]): Field<T[]> => ({
  schema: { type: 'array', items: { type: 'string', enum: words } },
  read: (value) => [...new Set(items(value, (item) => words.find((word) => word === item)))],
  answer: z.array(z.enum(words) as z.ZodType<T, T>),
});

/** Objects of one shape. `valid` says which of them are worth keeping, by what the model said. */
export const list = <T>(item: Field<T>, valid: (raw: Record<string, unknown>) => boolean = () => true): Field<T[]> => ({
  schema: { type: 'array', items: item.schema },
  read: (value) => items(value, (raw) => (isRecord(raw) && valid(raw) ? item.read(raw) : undefined)),
  answer: z.array(item.answer),
});

type Shape = Record<string, Field<unknown>>;
type Read<S extends Shape> = { [K in keyof S]: S[K] extends Field<infer T> ? T : never };

export interface ObjectField<S extends Shape> extends Field<Read<S>> {
  answer: z.ZodObject<{ [K in keyof S]: S[K]['answer'] }, z.core.$strict> & z.ZodType<Read<S>, Read<S>>;
}

/** An object; any other value gives every member its default. Members without a value are left out. */
export const object = <S extends Shape>(shape: S): ObjectField<S> => ({
  schema: {
    type: 'object',
    properties: Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, field.schema])),
    required: Object.keys(shape),
    additionalProperties: false,
  },
  read: (value) => {
    const raw = isRecord(value) ? value : {};
    const entries = Object.entries(shape).map(([name, field]) => [name, field.read(raw[name])]);
    return Object.fromEntries(entries.filter(([, read]) => read !== undefined)) as Read<S>;
  },
  answer: z.strictObject(
    Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, field.answer])),
  ) as ObjectField<S>['answer'],
});

/** A part that an answer may lack: absent when the model sent no object for it. */
export const part = <T>(field: Field<T>): Field<T | undefined> => ({
  schema: field.schema,
  read: (value) => (isRecord(value) ? field.read(value) : undefined),
  answer: field.answer.optional(),
});

function items<T>(value: unknown, read: (item: unknown) => T | undefined): T[] {
  if (!Array.isArray(value)) return [];
  return value
    .map(read)
    .filter((item) => item !== undefined)
    .slice(0, MAX_ITEMS);
}
