import { z } from 'zod';

/** Most characters of an id or name: a key of Table Storage holds 1 KiB in UTF-16. */
export const MAX_ID = 512;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for.
const control = /[\u0000-\u001f\u007f-\u009f]/;
const loneSurrogate = /\p{Surrogate}/u;

/**
 * What is wrong with a text that becomes a segment of a path, a header or a key of a table; undefined when nothing is.
 * `.` and `..` would name another path, and a lone surrogate can't be encoded.
 */
export function idProblem(text: string, most = MAX_ID): string | undefined {
  if (text === '') return 'must not be empty';
  if (text.length > most) return `must not be longer than ${most} characters`;
  if (text === '.' || text === '..') return 'must not be "." or ".."';
  if (control.test(text)) return 'must not contain control characters';
  return loneSurrogate.test(text) ? 'must be well-formed Unicode' : undefined;
}

/** The schema of such a text: one check, since every event of a batch has several of them. */
export const idText = (most = MAX_ID) =>
  z
    .string()
    .check(({ value, issues }) => {
      const message = idProblem(value, most);
      if (message !== undefined) issues.push({ code: 'custom', message, input: value });
    })
    .meta({ minLength: 1, maxLength: most });
