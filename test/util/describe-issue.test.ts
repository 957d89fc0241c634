import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeIssue } from '../../shared/util/describe-issue.ts';

test.each<[string, z.ZodType, unknown, string]>([
  ['a missing text', z.string(), undefined, 'is missing'],
  ['a missing word', z.enum(['a', 'b']), undefined, 'is missing'],
  ['a missing choice', z.union([z.number(), z.boolean()]), undefined, 'is missing'],
  ['null for a text', z.string(), null, 'must be a text'],
  ['a text for a number', z.number(), '7', 'must be a number'],
  ['a text for a flag', z.boolean(), 'yes', 'must be true or false'],
  ['half for a whole number', z.number().int(), 1.5, 'must be a whole number'],
  ['an object for a list', z.array(z.string()), {}, 'must be a list'],
  ['a list for an object', z.object({}), [], 'must be an object'],
  ['an empty text', z.string().min(1), '', 'must not be empty'],
  ['a short text', z.string().min(16), 'x', 'must have at least 16 characters'],
  ['a long text', z.string().max(1), 'xx', 'must have at most 1 character'],
  ['a long list', z.array(z.number()).max(2), [1, 2, 3], 'must have at most 2 items'],
  ['a small number', z.number().min(1), 0, 'must be at least 1'],
  ['a number that is not positive', z.number().positive(), 0, 'must be more than 0'],
  ['a large number', z.number().max(500), 501, 'must be at most 500'],
  ['another word', z.enum(['day', 'month', 'none']), 'week', 'must be day, month or none'],
  ['not a URL', z.url(), 'x', 'must be a URL'],
  ['not a UUID', z.uuid(), 'x', 'must be a UUID'],
  ['another form', z.string().regex(/^[a-z]+$/), '7', 'must match /^[a-z]+$/'],
  ['no kind of a union', z.union([z.number(), z.boolean()]), 'x', 'must be a number or true or false'],
  ['an unknown member', z.strictObject({}), { extra: 1 }, 'must not have extra'],
  ['a text of the schema itself', z.string().refine(() => false, 'must rhyme'), 'x', 'must rhyme'],
])('%s', (_name, schema, value, text) => {
  expect(schema.safeParse(value, { error: describeIssue }).error?.issues[0]?.message).toBe(text);
});
