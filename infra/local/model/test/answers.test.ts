import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { askedSchema } from '../src/answers/asked-schema.ts';
import { featureOf } from '../src/answers/feature.ts';
import { findPlace, routeEnds } from '../src/answers/places.ts';
import { satisfy } from '../src/answers/satisfy.ts';
import { randomFrom } from '../src/random.ts';
import { standIn, textOf, user } from './client.ts';

const make = (schema: Record<string, unknown>, preferred?: unknown): unknown =>
  satisfy(schema, preferred, 'answer', { root: schema, random: randomFrom('1'), place: 'Moab, Utah' });

/** Shapes of the kinds that a structured answer has. */
const shapes: fc.Arbitrary<z.ZodType> = fc.letrec<{ shape: z.ZodType }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom<z.ZodType>(
      z.string(),
      z.boolean(),
      z.int().min(1).max(5),
      z.number().min(0.5).max(4.5),
      z.string().min(3).max(40),
      z.enum(['easy', 'moderate', 'difficult']),
      z.literal('trail'),
      z.null(),
      z.string().nullable(),
      z.iso.datetime(),
      z.url(),
    ),
    tie('shape').map((item) => z.array(item).min(2).max(4)),
    tie('shape').map((item) => z.union([item, z.literal(7)])),
    fc
      .dictionary(fc.constantFrom('name', 'difficulty', 'hazards', 'lat', 'notes', 'other'), tie('shape'), {
        maxKeys: 4,
      })
      .map((members) => z.strictObject(members)),
  ),
})).shape;

describe('an answer by schema', () => {
  it('satisfies any schema, whatever it would rather say', () => {
    fc.assert(
      fc.property(shapes, fc.jsonValue(), (shape, preferred) => {
        const schema = z.toJSONSchema(shape, { reused: 'ref' }) as Record<string, unknown>;
        expect(shape.safeParse(make(schema, preferred))).toMatchObject({ success: true });
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it.each([
    [{ type: 'integer', minimum: 1, maximum: 5 }, 9, 5],
    [{ type: 'number', minimum: 1 }, 3.5, 3.5],
    [{ type: ['string', 'null'] }, null, null],
    [{ type: 'array', items: { type: 'string' } }, ['a', 'b'], ['a', 'b']],
    [{ type: 'array', items: { type: 'string' }, maxItems: 1 }, ['a', 'b'], ['a']],
    [{ type: 'string' }, null, ''],
    [{ enum: ['easy', 'hard'] }, 'hard', 'hard'],
    [{ anyOf: [{ type: 'null' }, { type: 'string' }] }, 'x', 'x'],
    [{ allOf: [{ type: 'object', properties: { a: { const: 1 } }, required: ['a'] }] }, {}, { a: 1 }],
    [{ $ref: '#/$defs/x', $defs: { x: { type: 'boolean' } } }, undefined, true],
  ])('%j, rather %j, gives %j', (schema, preferred, value) => {
    expect(make(schema, preferred)).toEqual(value);
  });

  it('ends for a schema that refers to itself', () => {
    const schema = { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] };
    expect(make(schema)).toHaveProperty('next');
  });
});

describe('the feature of a request', () => {
  it.each([
    ['judge', 'overallScore, hallucination of an answer with recommendations and searchSummary and waypoints'],
    ['planner', 'waypoints and segments, recommendations'],
    ['finder', 'recommendations, searchSummary with difficulty and hazards'],
    ['analysis', 'difficulty, hazards, recommendations'],
    ['other', 'Hello'],
  ])('is %s for: %s', (feature, prompt) => {
    expect(featureOf(prompt, undefined)).toBe(feature);
  });

  it('goes by the schema where there is one', () => {
    expect(featureOf('waypoints', { properties: { difficulty: {}, hazards: {} } })).toBe('analysis');
  });
});

describe('the place of a prompt', () => {
  it.each([
    ['Location: Death Valley, CA', 'Death Valley, California'],
    ['"trailName":"Hell\'s Revenge","trailLocation":"Moab, UT"', 'Moab, Utah'],
    ['Trail name: Rubicon Trail', 'Rubicon Trail, Lake Tahoe, California'],
    ['From Barstow, CA to Needles, CA in 3 days', 'Mojave National Preserve, California'],
    ['Location: Black Forest, Germany', 'Black Forest, Germany'],
    ['{"location":{"type":"string"}}\n{"location":"Bend, Oregon"}', 'Bend, Oregon'],
    ['', 'the area'],
  ])('%s is %s', (prompt, name) => {
    expect(findPlace(prompt).name).toBe(name);
  });
});

describe('the schema in a prompt', () => {
  it('is the first line that is one', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    expect(askedSchema(`Answer in JSON:\n{"properties" of nothing\n${JSON.stringify(schema)}\nGo.`)).toEqual(schema);
    expect(askedSchema('No schema, but "properties".')).toBeUndefined();
  });
});

describe('the ends of a route', () => {
  it.each([
    ['{"startLocation":"Needles, CA","endLocation":"Barstow, CA"}', ['Needles', 'Barstow']],
    ['{"startLocation":"Bend, OR","endLocation":"Moab, UT"}', ['Bend, OR', 'Moab']],
    ['From Lone Pine to Las Vegas', ['Lone Pine', 'Las Vegas']],
  ])('%s', (prompt, names) => {
    expect(routeEnds(prompt).map(({ name }) => name)).toEqual(names);
  });
});

describe('a plan', () => {
  const context = standIn();

  it('goes from start to end, with waypoints in its schema', async () => {
    const waypoint = z.object({
      name: z.string(),
      lat: z.number().min(-90).max(90),
      lng: z.number().min(-180).max(180),
      type: z.enum(['start', 'end', 'waypoint', 'campsite', 'water', 'fuel', 'hazard', 'viewpoint']),
    });
    const shape = z.object({ waypoints: z.array(waypoint).min(2), warnings: z.array(z.string()) });
    const message = await context.client.messages.create({
      model: 'claude-sonnet-5-5',
      max_tokens: 8_000,
      messages: user('Plan 3 days from Barstow, CA to Needles, CA.'),
      output_config: { format: { type: 'json_schema', schema: z.toJSONSchema(shape) as Record<string, unknown> } },
    });
    const { waypoints } = shape.parse(JSON.parse(textOf(message)));
    expect(waypoints[0]).toMatchObject({ name: 'Barstow', type: 'start' });
    expect(waypoints.at(-1)).toMatchObject({ name: 'Needles', type: 'end' });
    expect(waypoints.filter(({ type }) => type === 'campsite').length).toBeGreaterThanOrEqual(2);
  });
});
