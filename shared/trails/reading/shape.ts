import type { z } from 'zod';
import { jsonSchemaOf } from './json-schema.ts';
import { type Problem, type Reading, readAnswer } from './read-answer.ts';

/** What an answer has to be: one description, of which the model gets the JSON schema and by which its answer is read. */
export interface AnswerShape<S extends z.ZodObject> {
  schema: S;
  readonly jsonSchema: Record<string, unknown>;
  /** Members that contradict each other, which no member can show alone. */
  check(answer: z.output<S>): Problem[];
  /** Whether an answer is of use although these places are unknown. */
  usable(answer: z.output<S>, unknown: ReadonlySet<string>): boolean;
  /** What people read when it is not. */
  unreadableText: string;
}

type ShapeParts<S extends z.ZodObject> = Pick<AnswerShape<S>, 'schema' | 'usable' | 'unreadableText'> &
  Partial<Pick<AnswerShape<S>, 'check'>>;

/** The JSON schema is made when it is first asked for: no start of a process waits for it. */
export function createShape<S extends z.ZodObject>(parts: ShapeParts<S>): AnswerShape<S> {
  let jsonSchema: Record<string, unknown> | undefined;
  return {
    check: () => [],
    ...parts,
    get jsonSchema() {
      jsonSchema ??= jsonSchemaOf(parts.schema);
      return jsonSchema;
    },
  };
}

/** Reads a model's answer, member by member and then as a whole. */
export const readShape = <S extends z.ZodObject>(shape: AnswerShape<S>, raw: unknown): Reading<z.output<S>> =>
  checked(shape, readAnswer(shape.schema, raw));

/** A reading with what its members contradict each other in. */
export function checked<S extends z.ZodObject>(
  shape: AnswerShape<S>,
  reading: Reading<z.output<S>>,
): Reading<z.output<S>> {
  if (reading.value === undefined) return reading;
  const known = new Set(reading.problems.map(({ path }) => path.join('.')));
  const more = shape.check(reading.value).filter(({ path }) => !known.has(path.join('.')));
  return { ...reading, problems: [...reading.problems, ...more] };
}

/** At most so many problems are named to the model. */
const MAX_NAMED = 20;

/** What is wrong with an answer, for the model that gave it; undefined when nothing is. */
export function faultOf({ problems }: Reading<unknown>): string | undefined {
  if (problems.length === 0) return undefined;
  const named = problems.map(({ path, expected }) => `${path.join('.') || 'the answer'} ${expected}`);
  return named.slice(0, MAX_NAMED).join('; ');
}
