import type { z } from 'zod';

type RawIssue = z.core.$ZodRawIssue;

/** Names of types in texts for people. */
const kinds: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

const formats: Record<string, string> = {
  url: 'a URL',
  uuid: 'a UUID',
  email: 'an e-mail address',
  datetime: 'a time as 2026-11-23T08:00:00Z',
};

/**
 * What is wrong with a value, to stand behind its name: `is missing`, `must be a number`. Passed to zod's `safeParse` as `error`; texts
 * that a schema brings of its own win.
 */
export function describeIssue(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${kindOf(issue.expected)}`;
    case 'too_small':
      return sizeProblem(issue.origin, Number(issue.minimum), issue.inclusive === false ? 'more than' : 'at least');
    case 'too_big':
      return sizeProblem(issue.origin, Number(issue.maximum), issue.inclusive === false ? 'less than' : 'at most');
    case 'invalid_format':
      return formatProblem(issue.format, issue.pattern);
    case 'invalid_value':
      return issue.input === undefined ? 'is missing' : `must be ${oneOf(issue.values.map(shown))}`;
    case 'invalid_union':
      return unionProblem(issue);
    case 'unrecognized_keys':
      return `must not have ${issue.keys.map((key) => key.slice(0, 60)).join(', ')}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_key':
      return 'has a name that is not allowed';
    case 'invalid_element':
      return 'has an item that is not allowed';
    default:
      return issue.message ?? 'is not valid';
  }
}

const kindOf = (expected: string): string => kinds[expected] ?? `of type ${expected}`;

function sizeProblem(origin: string, bound: number, how: string): string {
  if (origin === 'string')
    return bound === 1 && how === 'at least' ? 'must not be empty' : `must have ${how} ${count(bound, 'character')}`;
  if (origin === 'array' || origin === 'set') return `must have ${how} ${count(bound, 'item')}`;
  if (origin === 'object' || origin === 'map') return `must have ${how} ${count(bound, 'member')}`;
  return `must be ${how} ${bound}`;
}

const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? '' : 's'}`;

function formatProblem(format: string, pattern: string | undefined): string {
  const known = formats[format];
  if (known) return `must be ${known}`;
  return pattern === undefined ? `must be a valid ${format}` : `must match ${pattern}`;
}

/** A union of plain types names them; of shapes, the first problem of each would say more than a person reads. */
function unionProblem(issue: Extract<RawIssue, { code: 'invalid_union' }>): string {
  if (issue.input === undefined) return 'is missing';
  const expected = (issue.errors ?? []).flatMap((issues) =>
    issues.flatMap((one) => (one.code === 'invalid_type' && one.path.length === 0 ? [kindOf(one.expected)] : [])),
  );
  return expected.length > 0 ? `must be ${oneOf([...new Set(expected)])}` : 'does not have one of the allowed forms';
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : String(value));

const oneOf = (words: string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
