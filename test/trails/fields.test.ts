import fc from 'fast-check';
import { expect, test } from 'vitest';
import { analysisShape } from '../../shared/trails/analysis/answer.ts';
import { finderShape } from '../../shared/trails/finder/answer.ts';
import { verdictShape } from '../../shared/trails/judge/verdict.ts';
import { plannerShape } from '../../shared/trails/planner/answer.ts';

const shapes = {
  analysis: analysisShape(true),
  'analysis without a vehicle': analysisShape(false),
  finder: finderShape,
  planner: plannerShape,
  verdict: verdictShape,
};

interface Schema {
  type: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean;
  items?: Schema;
  enum?: string[];
}

/** Anything that a schema allows. */
function satisfying(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.type === 'string') return fc.string();
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'number') return fc.double({ noNaN: true });
  if (schema.type === 'array') return fc.array(satisfying(schema.items ?? { type: 'string' }), { maxLength: 4 });
  const members = Object.entries(schema.properties ?? {}).map(([name, member]) => [name, satisfying(member)] as const);
  return fc.record(Object.fromEntries(members));
}

/** Whether a value that was read is of a schema; absent members are what `optional` texts and parts become. */
function conforms(value: unknown, schema: Schema): boolean {
  if (value === undefined) return true;
  if (schema.enum) return schema.enum.includes(value as string);
  if (schema.type === 'array')
    return Array.isArray(value) && value.every((item) => conforms(item, schema.items as Schema));
  if (schema.type !== 'object') return typeof value === schema.type;
  if (typeof value !== 'object' || value === null) return false;
  const known = schema.properties ?? {};
  return Object.entries(value).every(([name, member]) => known[name] !== undefined && conforms(member, known[name]));
}

/** What structured outputs ask of a schema. */
function strict(schema: Schema): boolean {
  if (schema.type === 'array') return strict(schema.items as Schema);
  if (schema.type !== 'object') return true;
  const names = Object.keys(schema.properties ?? {});
  return (
    schema.additionalProperties === false &&
    JSON.stringify(schema.required) === JSON.stringify(names) &&
    Object.values(schema.properties ?? {}).every(strict)
  );
}

test.each(Object.entries(shapes))('%s: the schema is one that structured outputs take', (_name, { field }) => {
  expect(strict(field.schema as unknown as Schema)).toBe(true);
});

test.each(Object.entries(shapes))('%s: whatever comes, what is read is of the schema', (_name, { field }) => {
  const schema = field.schema as unknown as Schema;
  fc.assert(
    fc.property(fc.oneof(fc.anything(), satisfying(schema)), (value) => {
      expect(conforms(field.read(value), schema)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test.each(Object.entries(shapes))('%s: reading what was read changes nothing', (_name, { field }) => {
  fc.assert(
    fc.property(satisfying(field.schema as unknown as Schema), (value) => {
      const read = field.read(value);
      expect(field.read(JSON.parse(JSON.stringify(read)))).toEqual(JSON.parse(JSON.stringify(read)));
    }),
    { numRuns: 40 },
  );
});
