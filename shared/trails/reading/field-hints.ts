import { z } from 'zod';

/** What a reader must know of a field and zod has no word for. */
export interface FieldHints {
  /**
   * Stands for what could not be read: the most careful value that the contract has. Without it, the object around the field
   * is unknown as a whole.
   */
  unknown?: unknown;
  /** What a missing value means. Only where nobody's safety depends on it: a missing value is a problem otherwise. */
  otherwise?: unknown;
  /** A missing value is a problem where the object has any member that nobody knows: it may be this one, under another name. */
  suspect?: boolean;
  /** A missing value is a problem although the field may be absent in the end. */
  needed?: boolean;
  /** Characters or items that the model is asked to keep to. What is longer is kept whole and reported. */
  most?: number;
  /** Other names of the member that mean the same. */
  aliases?: readonly string[];
  /** Brings a value into the field's own form; what it does not know it returns as it is. */
  parse?(value: unknown): unknown;
}

const registry = z.registry<FieldHints>();

/** Attaches hints to a schema. Methods of zod return new schemas without them, so this comes last. */
export function hinted<S extends z.ZodType>(schema: S, hints: FieldHints): S {
  registry.add(schema, hints);
  return schema;
}

export const hintsOf = (schema: z.core.$ZodType): FieldHints => registry.get(schema) ?? {};
