import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { analysisShape } from '../../shared/trails/analysis/answer.ts';
import { finderShape } from '../../shared/trails/finder/answer.ts';
import { verdictShape } from '../../shared/trails/judge/verdict.ts';
import { plannerShape } from '../../shared/trails/planner/answer.ts';
import { UNKNOWN_ENTRY } from '../../shared/trails/reading/fields.ts';
import { mend } from '../../shared/trails/reading/mend.ts';
import type { Reading } from '../../shared/trails/reading/read-answer.ts';
import { type AnswerShape, readShape } from '../../shared/trails/reading/shape.ts';
import { analysis, found, plan, settings, verdict } from './right-answers.ts';

type Json = unknown;
type Path = (string | number)[];
type Shape = AnswerShape<z.ZodObject>;

const cases: [string, Shape, Json][] = [
  ['finder', finderShape as unknown as Shape, found],
  ['analysis', analysisShape(true) as unknown as Shape, { ...analysis, vehicleSettings: settings }],
  ['planner', plannerShape as unknown as Shape, plan],
  ['judge', verdictShape as unknown as Shape, verdict],
];

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every place of a value: objects, lists and leaves, without the root. */
function places(value: Json, path: Path = []): Path[] {
  const inside = Array.isArray(value)
    ? value.map((item, index): [number, Json] => [index, item])
    : isObject(value)
      ? Object.entries(value)
      : [];
  return inside.flatMap(([step, item]) => [[...path, step], ...places(item, [...path, step])]);
}

const at = (value: Json, path: Path): Json =>
  path.reduce<Json>((inside, step) => (inside as Record<string | number, Json> | undefined)?.[step], value);

/** A copy in which the value at a place, or the name of the member, is another one. */
function changed(
  value: Json,
  [step, ...rest]: Path,
  change: (value: Json) => Json,
  rename?: (name: string) => string,
): Json {
  if (step === undefined) return change(value);
  if (Array.isArray(value))
    return value.map((item, index) => (index === step ? changed(item, rest, change, rename) : item));
  const entries = Object.entries(value as Record<string, Json>).map(([name, item]): [string, Json] =>
    name === step
      ? [rest.length === 0 && rename ? rename(name) : name, changed(item, rest, change, rename)]
      : [name, item],
  );
  return Object.fromEntries(entries);
}

const names: ((name: string) => string)[] = [
  (name) => name.toUpperCase(),
  (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  (name) => name.replace(/[A-Z]/g, (letter) => ` ${letter}`),
  (name) => `${name[0]?.toUpperCase()}${name.slice(1)}`,
  (name) => name.slice(0, -1),
  (name) => `${name}s`,
];

const values: ((value: Json) => Json)[] = [
  (value) => (typeof value === 'number' ? String(value) : value),
  (value) => (typeof value === 'number' ? `${value}.0` : value),
  (value) => (typeof value === 'string' ? value.toUpperCase() : value),
  (value) => (typeof value === 'string' ? value.replaceAll('-', '_') : value),
  (value) => (typeof value === 'string' ? `\u200b${value}\u202e` : value),
  (value) => (typeof value === 'boolean' ? String(value) : value),
  (value) => [value],
  (value) => [[value]],
  (value) => ({ value }),
  (value) => (Array.isArray(value) && value.length === 1 ? value[0] : value),
  (value) => (Array.isArray(value) ? { ...value } : value),
  (value) => (Array.isArray(value) ? [...value, null] : value),
  (value) => (Array.isArray(value) ? [...value, ...Array(60).fill(value[0])] : value),
  (value) => (isObject(value) ? Object.fromEntries(Object.entries(value).reverse()) : value),
  (value) => (isObject(value) ? JSON.stringify(value) : value),
  (value) => (isObject(value) && 'unit' in value ? { front: `${1.5} bar`, rear: '140 kPa', unit: 'bar' } : value),
  () => null,
  () => '',
  () => 0,
  () => -1,
  () => 1e9,
  () => true,
  () => ({}),
  () => 'not sure',
  () => ({ a: ['b'] }),
];

const change = (right: Json) =>
  fc
    .record({
      path: fc.constantFrom(...places(right)),
      value: fc.constantFrom((value: Json) => value, ...values),
      name: fc.constantFrom((name: string) => name, ...names),
    })
    .map(({ path, value, name }) => ({ path, wrong: changed(right, path, value, name) }));

const covers = (problem: readonly (string | number)[], path: Path): boolean =>
  problem.every((step, index) => index >= path.length || step === path[index]);

/** Whether a place is reported as unknown, with what is around it or inside it. */
const isReported = (reading: Reading<unknown>, path: Path): boolean =>
  reading.problems.some((problem) => covers(problem.path, path));

const unit = (value: Json): boolean => typeof value === 'number';

/** Harmless: a value that the schema itself leaves open, such as a source that is not listed. */
const open = new Set(['source', 'sceneryType', 'unit']);

test.each(cases)('%s: a right answer, changed anywhere, is read the same or reported there', (_name, shape, right) => {
  const whole = readShape(shape, right);
  expect(whole.problems).toEqual([]);
  fc.assert(
    fc.property(change(right), ({ path, wrong }) => {
      const reading = readShape(shape, wrong);
      if (reading.value === undefined) {
        expect(reading.problems).not.toEqual([]);
        return;
      }
      const leaves = places(right).filter((place) => !isObject(at(right, place)) && !Array.isArray(at(right, place)));
      for (const leaf of leaves) {
        // Only what was changed may read otherwise.
        const touched = covers(path, leaf) || covers(leaf, path);
        const said = at(wrong, leaf);
        const before = at(whole.value, leaf);
        const now = at(reading.value, leaf);
        const list = at(reading.value, leaf.slice(0, -1));
        // A text that says nothing any more is not an entry of its list.
        if (Array.isArray(list) && covers(path.slice(0, -1), leaf))
          expect(isReported(reading, leaf) || touched || list.includes(before)).toBe(true);
        else if (!touched) expect([leaf, isReported(reading, leaf) ? before : now]).toEqual([leaf, before]);
        else if (isReported(reading, leaf) || leaf.some((step) => open.has(String(step)))) continue;
        // A changed text is what it says now; a number and a word of a list are as before.
        else if (unit(before)) expect([leaf, now === before || said !== before]).toEqual([leaf, true]);
      }
    }),
    { numRuns: 400 },
  );
});

/** How severe an answer is, place by place; what is reported as unknown is most severe. */
const severities: Record<string, (value: Json) => number> = {
  difficulty: (value) => Number(value),
  vehicleCompatibility: (value) => ['excellent', 'good', 'marginal', 'not-recommended'].indexOf(String(value)),
  cellCoverage: (value) => ['good', 'moderate', 'limited', 'none'].indexOf(String(value)),
  coverage: (value) =>
    ['high-performance', 'good-coverage', 'some-issues', 'major-obstructions', 'zero-availability'].indexOf(
      String(value),
    ),
  severity: (value) => ['none', 'minor', 'moderate', 'severe'].indexOf(String(value)),
  overallScore: (value) => -Number(value),
  hazards: (value) => entries(value),
  warnings: (value) => entries(value),
  unverifiedClaims: (value) => entries(value),
  waypoints: (value) => (Array.isArray(value) ? value.length : 0),
  recommendations: (value) => (Array.isArray(value) ? value.length : 0),
  permits: (value) => (value === undefined ? -1 : 1),
};
const entries = (value: Json): number =>
  !Array.isArray(value) ? -1 : value.includes(UNKNOWN_ENTRY) ? Number.POSITIVE_INFINITY : value.length;

/** Changes of the form alone: what is said stays the same, so it may not become less severe. */
const severityOf = (reading: Reading<unknown>, path: Path): number => {
  if (reading.value === undefined || isReported(reading, path)) return Number.POSITIVE_INFINITY;
  return severities[String(path.at(-1))]?.(at(reading.value, path)) ?? 0;
};

const sameMeaning = values.slice(0, 15);
const formChange = (right: Json) =>
  fc
    .record({
      path: fc.constantFrom(...places(right)),
      value: fc.constantFrom((value: Json) => value, ...sameMeaning),
      name: fc.constantFrom((name: string) => name, ...names),
    })
    .map(({ path, value, name }) => changed(right, path, value, name));

test.each(cases)('%s: no change of form makes an answer less severe', (_name, shape, right) => {
  const whole = readShape(shape, right);
  const safety = places(right).filter((place) => String(place.at(-1)) in severities);
  fc.assert(
    fc.property(formChange(right), formChange(right), (wrong, other) => {
      const reading = readShape(shape, wrong);
      const mended = mend(reading, readShape(shape, other));
      for (const place of safety) {
        const before = severityOf(whole, place);
        expect([place, severityOf(reading, place) >= before]).toEqual([place, true]);
        expect([place, severityOf(mended, place) >= before]).toEqual([place, true]);
      }
    }),
    { numRuns: 400 },
  );
});

test('a pressure is the same in every unit and form, or reported', () => {
  const psi = fc.double({ min: 8, max: 65, noNaN: true });
  const forms = fc.constantFrom(
    (p: number) => ({ front: p, rear: p, unit: 'psi' }),
    (p: number) => ({ front: `${p} PSI`, rear: p }),
    (p: number) => ({ front: p / 14.503_774, rear: p / 14.503_774, unit: 'bar' }),
    (p: number) => ({ front: `${(p / 14.503_774).toFixed(3)} bar`, rear: `${(p * 6.894_757).toFixed(1)} kPa` }),
    (p: number) => ({ Front: p * 6.894_757, REAR: String(p * 6.894_757), Unit: 'kPa' }),
    (p: number) => ({ front: p / 14.503_774, rear: p / 14.503_774 }),
    (p: number) => [{ front: [p], rear: { value: p, unit: 'psi' }, unit: 'psi' }],
  );
  fc.assert(
    fc.property(psi, forms, (right, form) => {
      const raw = { ...analysis, vehicleSettings: { ...settings, recommendedTirePressure: form(right) } };
      const { value, problems } = readShape(analysisShape(true), raw);
      const read = at(value, ['vehicleSettings', 'recommendedTirePressure']);
      if (read === undefined) {
        expect(problems.map(({ path }) => path.length)).toEqual([2]);
        return;
      }
      for (const side of ['front', 'rear']) expect(Math.abs(Number(at(read, [side])) - right)).toBeLessThan(0.15);
    }),
  );
});

test('no change of form moves the end of a route', () => {
  const end = plan.waypoints.at(-1);
  fc.assert(
    fc.property(formChange(plan), (wrong) => {
      const reading = readShape(plannerShape, wrong);
      const points = reading.value?.waypoints ?? [];
      const last = points[plan.waypoints.length - 1];
      const same = last?.lat === end?.lat && last?.lng === end?.lng;
      expect(same || reading.problems.length > 0).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test.each(cases)('%s: a repair changes nothing that was read', (_name, shape, right) => {
  fc.assert(
    fc.property(change(right), change(right), ({ wrong }, { wrong: other }) => {
      const first = readShape(shape, wrong);
      if (first.value === undefined) return;
      const mended = mend(first, readShape(shape, other));
      for (const place of places(first.value))
        if (!isReported(first, place)) expect(at(mended.value, place)).toEqual(at(first.value, place));
    }),
    { numRuns: 200 },
  );
});

test.each(cases)('%s: whatever comes, what is read is of the schema', (_name, shape) => {
  fc.assert(
    fc.property(
      fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom(...Object.keys(shape.schema.shape)), fc.anything())),
      (raw) => {
        const { value, problems } = readShape(shape, raw);
        if (value === undefined) expect(problems).not.toEqual([]);
        else expect(shape.schema.safeParse(value).success).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean;
  items?: Schema;
}

/** What structured outputs ask of a schema. */
function strict(schema: Schema): boolean {
  if (schema.type === 'array') return strict(schema.items as Schema);
  if (schema.type !== 'object') return true;
  return (
    schema.additionalProperties === false &&
    JSON.stringify(schema.required) === JSON.stringify(Object.keys(schema.properties ?? {})) &&
    Object.values(schema.properties ?? {}).every(strict)
  );
}

test.each(cases)(
  '%s: the JSON schema is one that structured outputs take, with the limits of length',
  (_name, { jsonSchema }) => {
    expect(strict(jsonSchema as Schema)).toBe(true);
    const text = JSON.stringify(jsonSchema);
    expect(text).toContain('{maxLength: 4000}');
    expect(text).toContain('{maxItems: 50}');
    expect(text).not.toMatch(/"(?:maxLength|maxItems|minimum|maximum)"/);
  },
);
