import { z } from 'zod';
import { isRecord } from '../../util/json/record.ts';
import { normalizeText } from '../../util/text.ts';
import { hintsOf } from './field-hints.ts';
import { isAlike, plain } from './plain.ts';
import { expected, readLeaf } from './read-leaf.ts';

export type Path = readonly (string | number)[];

/** A place of an answer that could not be read, and what is expected there. */
export interface Problem {
  path: Path;
  expected: string;
}

export interface Reading<T> {
  /**
   * Absent when nothing could be read. Where there is a problem, the most careful value of the contract stands, or nothing where
   * a value may be absent. No list is shorter for it.
   */
  value: T | undefined;
  problems: Problem[];
  /** Places that are longer than was asked for. They are kept whole. */
  long: Path[];
}

/** Lists around lists that are looked into. */
const MAX_NESTING = 4;

const unreadableValue = Symbol('unreadable');

/**
 * Reads what a model answered by the schema that it was asked with. What means the same is read as the same; what does not is a
 * problem, never a guess. Throws nothing.
 */
export function readAnswer<S extends z.ZodObject>(schema: S, raw: unknown): Reading<z.output<S>> {
  const reader = new AnswerReader();
  const value = reader.read(schema, raw, []);
  return {
    value: value === unreadableValue ? undefined : (value as z.output<S>),
    problems: reader.problems,
    long: reader.long,
  };
}

class AnswerReader {
  readonly problems: Problem[] = [];
  readonly long: Path[] = [];

  /** The value in the schema's form: undefined for one that is absent, `UNREADABLE` for one that nothing can stand for. */
  read(schema: z.ZodType, raw: unknown, path: Path): unknown {
    if (schema instanceof z.ZodOptional) {
      const inner = schema.unwrap() as z.ZodType;
      if (isMissing(raw) && !hintsOf(schema).needed) return undefined;
      const value = this.read(inner, raw, path);
      return value === unreadableValue || value === '' ? undefined : value;
    }
    const hints = hintsOf(schema);
    if (raw === undefined || raw === null)
      return 'otherwise' in hints ? hints.otherwise : this.#unreadable(schema, path);
    if (schema instanceof z.ZodArray) return this.#list(schema, hints.parse?.(raw) ?? raw, path);
    const single = Array.isArray(raw) && raw.length === 1 ? raw[0] : raw;
    const value = hints.parse?.(single) ?? single;
    return schema instanceof z.ZodObject ? this.#object(schema, value, path) : this.#leaf(schema, value, path);
  }

  #leaf(schema: z.ZodType, raw: unknown, path: Path): unknown {
    const hints = hintsOf(schema);
    const value = readLeaf(schema, raw);
    if (value === '' && 'otherwise' in hints) return hints.otherwise;
    if (value === undefined || (value === '' && schema instanceof z.ZodString && schema.minLength))
      return this.#unreadable(schema, path);
    if (typeof value === 'string') this.#measure(schema, value.length, path);
    return value;
  }

  #object(schema: z.ZodObject, raw: unknown, path: Path): unknown {
    if (!isRecord(raw)) return this.#unreadable(schema, path);
    const before = this.problems.length;
    const entries: [string, unknown][] = [];
    for (const { name, field, said, misspelled } of membersOf(schema, raw)) {
      const at = [...path, name];
      const value = misspelled
        ? this.#unreadable(field, at, 'is missing, or has another name')
        : agree(said)
          ? this.read(field, said[0], at)
          : this.#unreadable(field, at, 'must be there once');
      if (value === unreadableValue && !(field instanceof z.ZodOptional)) return this.#asOne(schema, before, path);
      if (value !== undefined && value !== unreadableValue) entries.push([name, value]);
    }
    return Object.fromEntries(entries);
  }

  #list(schema: z.ZodArray, raw: unknown, path: Path): unknown {
    const element = schema.element as z.ZodType;
    const ofObjects = element instanceof z.ZodObject;
    // A list without its brackets, one text or one object, or with too many of them.
    const items = Array.isArray(raw) ? raw.flat(MAX_NESTING) : [raw];
    if (!Array.isArray(raw) && ofObjects && !hasMemberOf(element, raw)) return this.#unreadable(schema, path);
    const said = ofObjects ? items : items.filter((item) => !isMissing(item));
    this.#measure(schema, said.length, path);
    const before = this.problems.length;
    const values = said.map((item, index) => this.#item(element, item, [...path, index]));
    return values.includes(unreadableValue)
      ? this.#asOne(schema, before, path)
      : values.filter((value) => value !== '');
  }

  /** Of an object that is only a text, the name is known. */
  #item(schema: z.ZodType, raw: unknown, path: Path): unknown {
    const value = this.read(schema, raw, path);
    const isName =
      schema instanceof z.ZodObject && 'name' in schema.shape && typeof raw === 'string' && /^[^{}[\]]+$/.test(raw);
    return isName && isRecord(value) ? { ...value, name: normalizeText(raw) || value['name'] } : value;
  }

  /** What is around a value that nothing can stand for is unknown as a whole: one problem in place of those inside. */
  #asOne(schema: z.ZodType, before: number, path: Path): unknown {
    const inside = this.problems.splice(before).map((problem) => {
      const name = problem.path.slice(path.length).join('.');
      return `${name} ${problem.expected}`;
    });
    return this.#unreadable(schema, path, inside.join(', '));
  }

  #unreadable(schema: z.ZodType, path: Path, problem = expected(schema)): unknown {
    this.problems.push({ path, expected: problem });
    const hints = hintsOf(schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema);
    return 'unknown' in hints ? hints.unknown : unreadableValue;
  }

  #measure(schema: z.ZodType, length: number, path: Path): void {
    if (length > (hintsOf(schema).most ?? Infinity)) this.long.push(path);
  }
}

/** What an object says of each member of a schema, under any of its names, and whether a missing one may be there misspelled. */
function membersOf(schema: z.ZodObject, raw: Record<string, unknown>) {
  const left = Object.entries(raw)
    .filter(([, value]) => !isMissing(value))
    .map(([name, value]) => ({ name: plain(name), value }));
  const known = Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, field]) => {
    const names = new Set([name, ...(hintsOf(field).aliases ?? [])].map(plain));
    return { name, field, names, said: left.filter((member) => names.has(member.name)).map(({ value }) => value) };
  });
  const others = left.filter(({ name }) => !known.some(({ names }) => names.has(name)));
  return known.map(({ name, field, said }) => ({
    name,
    field,
    said,
    misspelled:
      said.length === 0 && others.some((other) => hintsOf(field).suspect === true || isAlike(other.name, plain(name))),
  }));
}

const hasMemberOf = (schema: z.ZodObject, raw: unknown): boolean =>
  isRecord(raw) && membersOf(schema, raw).some(({ said }) => said.length > 0);

const isMissing = (value: unknown): boolean => value === undefined || value === null || value === '';

/** Whether all spellings of one member say the same. */
const agree = (said: unknown[]): boolean => new Set(said.map((value) => JSON.stringify(value))).size <= 1;
