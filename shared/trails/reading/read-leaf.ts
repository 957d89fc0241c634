import { z } from 'zod';
import { normalizeText } from '../../util/text.ts';

/** A text, number, flag or word in the schema's form; undefined when it is not one. */
export function readLeaf(schema: z.ZodType, value: unknown): unknown {
  if (schema instanceof z.ZodString) return textOf(value);
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return normalizeText(value);
  if (typeof value === 'number') return String(value);
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
    ? normalizeText(value.join('; '))
    : undefined;
}

/** What a value must be, for the model that gave another one. */
export function expected(schema: z.ZodType): string {
  if (schema instanceof z.ZodOptional) return expected(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodNumber) return `must be a number from ${schema.minValue} to ${schema.maxValue}`;
  if (schema instanceof z.ZodEnum) return `must be one of ${schema.options.join(', ')}`;
  if (schema instanceof z.ZodBoolean) return 'must be true or false';
  if (schema instanceof z.ZodArray) return 'must be a list';
  return schema instanceof z.ZodObject ? 'must be an object' : 'must be a text';
}
