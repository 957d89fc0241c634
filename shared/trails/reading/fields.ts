import { z } from 'zod';
import { type FieldHints, hinted } from './field-hints.ts';
import { plain } from './plain.ts';
import { difficultyOf, inUnit, type Unit } from './quantities.ts';

/** What the model is asked to keep to. */
const MOST_CHARACTERS = 4_000;
const MOST_ITEMS = 50;

/** Stands in a list where the model said something that could not be read. */
export const UNKNOWN_ENTRY = 'Unknown: this could not be read';

/** A text on which nobody's safety depends. */
export const anyText = (otherwise = '', description?: string) =>
  hinted(description ? z.string().describe(description) : z.string(), {
    otherwise,
    unknown: otherwise,
    most: MOST_CHARACTERS,
  });

/** A text that must say something. */
export const neededText = (unknown: string, { aliases }: { aliases?: string[] } = {}) =>
  hinted(z.string().min(1), { unknown, most: MOST_CHARACTERS, ...(aliases && { aliases }) });

/** Absent where the model had nothing to say: it is asked for an empty text then, since every member is required. */
export const optionalText = (description?: string) =>
  hinted(z.string(), { most: MOST_CHARACTERS })
    .optional()
    .describe([description, 'Empty when there is nothing to say.'].filter(Boolean).join('. '));

/** The same for what a driver must know. */
export const suspectText = (description: string, aliases: string[]) =>
  hinted(optionalText(description), { suspect: true, aliases });

const textList = (hints: FieldHints = {}) =>
  hinted(z.array(hinted(z.string(), { unknown: UNKNOWN_ENTRY, most: MOST_CHARACTERS })), {
    unknown: [UNKNOWN_ENTRY],
    most: MOST_ITEMS,
    ...hints,
  });

/** Texts that say something. Without them the model had nothing to say. */
export const texts = () => textList({ otherwise: [], suspect: true });

/** Texts that warn: without them the answer is not whole. */
export const neededTexts = () => textList();

/** 1 easy to 5 extreme. */
export const difficulty = () =>
  hinted(z.number().min(1).max(5), { unknown: 5, parse: difficultyOf, aliases: ['difficultyRating'] });

/** A number; in `unit` where it has one. */
export const number = (min: number, max: number, unit?: Unit) =>
  hinted(unit ? z.number().min(min).max(max).describe(unit) : z.number().min(min).max(max), { parse: inUnit(unit) });

interface WordHints<T> {
  /** The most careful word: it stands for one that is not known. Without it, the object around it is unknown. */
  unknown?: NoInfer<T>;
  /** A word that stands for all others, also for none. */
  otherwise?: NoInfer<T>;
  /** What means the same as a word, by its plain form. */
  synonyms?: Readonly<Record<string, NoInfer<T>>>;
}

/** One word of a list, however it is written. */
export function word<const T extends string>(words: readonly T[], hints: WordHints<T> = {}) {
  const { unknown, otherwise, synonyms } = hints;
  const read = reader(words, synonyms);
  return hinted(z.enum(words), {
    ...(unknown !== undefined && { unknown }),
    ...(otherwise !== undefined && { otherwise, unknown: otherwise }),
    parse: (value) => read(value) ?? (otherwise !== undefined && typeof value === 'string' ? otherwise : value),
  });
}

/** Words of a list, each once. `strict`: one that is not known is a problem, else it is left out. */
export function words<const T extends string>(known: readonly T[], { strict }: { strict: boolean }) {
  const read = reader(known);
  const parse = (value: unknown): unknown => {
    const said = Array.isArray(value) ? value : [value];
    const found = said.flatMap((item) => (typeof item === 'string' && !read(item) ? item.split(separators) : [item]));
    if (!found.every((item) => typeof item === 'string')) return value;
    const meant = found.flatMap((item) => read(item) ?? (strict ? [item] : []));
    return [...new Set(meant)];
  };
  return hinted(z.array(z.enum(known)), { parse, ...(strict ? {} : { otherwise: [], unknown: [] }) });
}

const separators = /\s*(?:[,;/&+]|\band\b)\s*/i;

function reader<T extends string>(known: readonly T[], synonyms: Readonly<Record<string, T>> = {}) {
  const byPlain = new Map<string, T>([
    ...Object.entries(synonyms).map(([said, meant]) => [plain(said), meant] as const),
    ...known.map((item) => [plain(item), item] as const),
  ]);
  return (value: unknown): T | undefined =>
    typeof value === 'string' || typeof value === 'boolean' ? byPlain.get(plain(String(value))) : undefined;
}

export const flag = (unknown: boolean) =>
  hinted(z.boolean(), {
    unknown,
    parse: (value) => {
      const said = typeof value === 'string' ? plain(value) : value;
      if (said === 'true' || said === 'yes') return true;
      return said === 'false' || said === 'no' ? false : value;
    },
  });

/** Objects of one shape. `unknown` stands for one that could not be read; an item that is only a text is its `name` at least. */
export const listOf = <S extends z.ZodObject>(item: S, unknown: NoInfer<z.output<S>>, hints: FieldHints = {}) =>
  hinted(z.array(hinted(item, { unknown })), {
    most: MOST_ITEMS,
    ...hints,
  });
