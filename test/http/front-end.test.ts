import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { envelope, startTestApp, type TestApp } from '../support/app.ts';
import { file, form, picture } from '../support/pictures.ts';

/** Each endpoint as the front-end's code calls it and reads its answer. */
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
beforeEach(() => {
  app.model.reset();
  app.kpis.length = 0;
});
afterAll(() => app.close());

/** The front-end throws `json.error` when the answer is not a success, and always reads JSON. */
async function asFrontEnd(name: string, init: Parameters<TestApp['call']>[1]) {
  const response = await app.call(name, init);
  const json = await envelope(response);
  if (response.status >= 400 || !json.success) throw new Error(json.error);
  return json.data;
}
const scores = () => Object.fromEntries(app.kpis.flatMap(({ kpis }) => kpis).map(({ name, score }) => [name, score]));

const jeep = {
  id: 'cmk3x9q0v0001',
  make: 'Jeep',
  model: 'Wrangler JL',
  year: 2021,
  features: ['winch', 'front-locker', 'rear-locker', 'mud-terrain-tires'],
  suspensionBrand: null,
  suspensionTravel: 'oem-plus',
};

test('photos with a vehicle and a context, on a retired model id', async () => {
  const body = form({
    images: [file(await picture('jpeg'), 'image/jpeg'), file(await picture('webp'), 'image/webp')],
    model: 'claude-sonnet-4-20250514',
    vehicleInfo: JSON.stringify(jeep),
    context: JSON.stringify({ trailName: "Hell's Revenge", trailLocation: 'Moab, UT', additionalNotes: null }),
  });
  const { analysis, metrics, judge } = await asFrontEnd('analyze', { body });
  expect(analysis.difficulty).toBeGreaterThanOrEqual(1);
  expect(analysis.summary).not.toBe('');
  for (const list of ['trailType', 'conditions', 'hazards', 'recommendations', 'bestFor']) {
    expect(analysis[list].length, list).toBeGreaterThan(0);
    expect(analysis[list].every((item: unknown) => typeof item === 'string')).toBe(true);
  }
  expect(typeof analysis.rawResponse).toBe('string');
  expect(analysis.vehicleSettings.tractionControl.replace('-', ' ')).toMatch(/^\w+/);
  expect(metrics.cost.toFixed(4)).toMatch(/^\d+\.\d{4}$/);
  expect(metrics).toMatchObject({
    model: 'claude-sonnet-5-5',
    requestedModel: 'claude-sonnet-4-20250514',
    estimated: true,
  });
  expect(new Date(metrics.timestamp).toISOString()).toBe(metrics.timestamp);
  expect(judge.status).toBe('skipped');
  expect(scores()).toEqual({ analysis_success: true, image_count: 2, difficulty_rating: analysis.difficulty });
  expect(app.kpis[0]?.useCase).toMatchObject({ name: 'trail_analysis', version: 3, id: metrics.use_case_id });
});

test.each([undefined, null, ''])('model %j: the one of the settings is called', async (model) => {
  const json = { images: [(await picture('jpeg')).toString('base64')], model };
  const { metrics } = await asFrontEnd('analyze', { json });
  expect(metrics).toMatchObject({ model: 'claude-sonnet-5-5', requestedModel: 'claude-sonnet-5-5' });
});

test('a form without a model: the one of the settings is called', async () => {
  const body = form({ images: file(await picture('png'), 'image/png') });
  const { metrics } = await asFrontEnd('analyze', { body });
  expect(metrics.requestedModel).toBe('claude-sonnet-5-5');
});

test('a place is searched in one spelling, whatever a keyboard made of it', async () => {
  const data = await asFrontEnd('search-trails', { json: { location: ' Le\u0301on\u200b,\u202e\u0000 Utah\ud800 ' } });
  expect(data.query.location).toBe('L\u00e9on\u200b, Utah');
});

test('a photo without a vehicle gets no settings for one', async () => {
  const body = form({ images: file(await picture('png'), 'image/png'), model: 'claude-sonnet-5-5' });
  const { analysis } = await asFrontEnd('analyze', { body });
  expect(analysis.vehicleSettings).toBeUndefined();
});

test('photos as JSON: data URLs and bare base64', async () => {
  const jpeg = (await picture('jpeg')).toString('base64');
  const json = {
    images: [`data:image/jpeg;base64,${jpeg}`, jpeg],
    model: 'claude-haiku-5-5',
    vehicleInfo: null,
    context: null,
  };
  const { metrics } = await asFrontEnd('analyze', { json });
  expect(metrics.model).toBe('claude-haiku-5-5');
  expect(scores()).toMatchObject({ image_count: 2 });
});

test('a search with everything', async () => {
  const query = {
    location: ' Moab, Utah ',
    searchRadius: 50,
    difficultyPref: 'moderate',
    tripLength: 'weekend',
    sceneryTypes: ['desert', 'canyon'],
    vehicleInfo: {
      make: 'Toyota',
      model: 'Tacoma',
      year: 2022,
      features: ['lift-kit', 'all-terrain-tires', 'rear-locker', 'skid-plates', 'recovery-boards'],
      suspensionBrand: 'icon',
      suspensionTravel: 'mid-travel',
    },
  };
  const data = await asFrontEnd('search-trails', { json: query });
  expect(data.query).toEqual({ ...query, location: 'Moab, Utah' });
  expect(data.vehicleCapabilityScore).toBe(3.7);
  expect(data.searchSummary).not.toBe('');
  expect(data.recommendations.length).toBeGreaterThan(0);
  for (const trail of data.recommendations) expect(trail.sourceUrl ?? 'https://').toMatch(/^https:\/\//);
  expect(scores()).toEqual({
    search_success: true,
    result_count: data.recommendations.length,
    vehicle_capability_score: 3.7,
  });
});

test('the smallest search', async () => {
  const data = await asFrontEnd('search-trails', { json: { location: 'Death Valley, CA', searchRadius: 50 } });
  expect(data.query).toEqual({ location: 'Death Valley, CA', searchRadius: 50 });
  expect(data.vehicleCapabilityScore).toBe(2);
});

test('a route that can be saved as it is', async () => {
  const data = await asFrontEnd('plan-route', {
    json: {
      startLocation: 'Barstow, CA',
      endLocation: 'Needles, CA',
      durationDays: 3,
      experienceLevel: 'intermediate',
      preferences: ['camping', 'historic sites'],
      vehicleInfo: { make: 'Toyota', model: '4Runner', year: 2020, features: ['all-terrain-tires', 'recovery-boards'] },
    },
  });
  expect(data.waypoints.length).toBeGreaterThanOrEqual(2);
  expect([data.waypoints[0].type, data.waypoints.at(-1).type]).toEqual(['start', 'end']);
  for (const { lat, lng } of data.waypoints) expect([typeof lat, typeof lng]).toEqual(['number', 'number']);
  expect(Number.isInteger(data.totals.estimatedTime)).toBe(true);
  expect(scores()).toEqual({
    plan_success: true,
    waypoint_count: data.waypoints.length,
    route_distance: data.totals.totalDistance,
  });
});

test.each([
  ['analyze', 'Failed to analyze image. Please try again.'],
  ['search-trails', 'Failed to parse trail recommendations'],
  ['plan-route', 'Failed to plan the route. Please try again.'],
])('%s: what the front-end shows when the model talks nonsense, and its KPIs', async (name, text) => {
  app.model.script({ text: 'nonsense', times: 2 });
  const requests: Record<string, object> = {
    analyze: { json: { images: [(await picture('png')).toString('base64')], model: 'claude-sonnet-5-5' } },
    'search-trails': { json: { location: 'Moab' } },
    'plan-route': { json: { startLocation: 'Barstow', endLocation: 'Needles', durationDays: 1 } },
  };
  await expect(asFrontEnd(name, requests[name] ?? {})).rejects.toThrow(text);
  const failed: Record<string, object> = {
    analyze: { analysis_success: false, image_count: 1 },
    'search-trails': { search_success: false, result_count: 0, vehicle_capability_score: 2 },
    'plan-route': { plan_success: false, waypoint_count: 0, route_distance: 0 },
  };
  expect(scores()).toEqual(failed[name]);
});

test('properties hold short lines and no notes of the user', async () => {
  const body = form({
    images: file(await picture('png'), 'image/png'),
    model: 'claude-sonnet-5-5',
    context: JSON.stringify({ trailName: 'x'.repeat(200), additionalNotes: 'private words' }),
  });
  await asFrontEnd('analyze', { body });
  expect(app.usage.at(-1)?.useCaseProperties['trail_name']).toBe('x'.repeat(100));
  expect(app.kpis).toHaveLength(1);
  expect(JSON.stringify([app.usage, app.kpis])).not.toContain('private words');
});
