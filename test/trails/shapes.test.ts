import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { milesBetween, totalsOf } from '../../shared/trails/planner/totals.ts';
import { UNKNOWN_ENTRY } from '../../shared/trails/reading/fields.ts';
import { envelope, startTestApp, type TestApp } from '../support/app.ts';
import { picture } from '../support/pictures.ts';
import { a, b, analysis as right, plan as rightPlan, settings } from './right-answers.ts';

/** What the analysis and the planner make of answers that are not as they should be. */
let app: TestApp;
let image: string;
beforeAll(async () => {
  app = await startTestApp();
  image = (await picture('png')).toString('base64');
});
beforeEach(() => app.model.reset());
afterAll(() => app.close());

const analyze = async (...answers: unknown[]) => {
  app.model.script(...answers.map((answer) => ({ text: JSON.stringify(answer) })));
  const json = { images: [image], model: 'claude-sonnet-5-5', vehicleInfo: { make: 'Jeep', model: 'JL' } };
  const response = await app.call('analyze', { json });
  return { status: response.status, ...(await envelope(response)) };
};

describe('analysis', () => {
  test.each<[string, object, number, number]>([
    ['as a number', {}, 3, 1],
    ['between two', { difficulty: 3.5 }, 3.5, 1],
    ['as a text', { difficulty: '3' }, 3, 1],
    ['below the range', { difficulty: 0 }, 5, 2],
    ['negative', { difficulty: -1 }, 5, 2],
    ['above the range', { difficulty: 11 }, 5, 2],
    ['in words', { difficulty: 'hard' }, 5, 2],
    ['missing', { difficulty: undefined }, 5, 2],
  ])('difficulty %s', async (_name, more, expected, calls) => {
    const answer = { ...right, vehicleSettings: settings, ...more };
    const { status, data } = await analyze(answer, answer);
    expect([status, data.analysis.difficulty, app.model.calls().length]).toEqual([200, expected, calls]);
    expect(data.analysis.unknown).toEqual(calls === 1 ? [] : ['difficulty']);
    expect(data.analysis.warnings).toHaveLength(calls - 1);
  });

  test('a difficulty that is unknown is not a score', async () => {
    app.kpis.length = 0;
    const answer = { ...right, difficulty: 0 };
    await analyze(answer, answer);
    expect(app.kpis[0]?.kpis.map(({ name }) => name)).toEqual(['analysis_success', 'image_count']);
  });

  test('a repair that finds no hazards does not say that there are none', async () => {
    const { data } = await analyze({ ...right, hazards: undefined }, { ...right, hazards: [] });
    expect([data.analysis.hazards, data.analysis.unknown]).toEqual([[UNKNOWN_ENTRY], ['hazards']]);
  });

  test('without its summary it is an assessment still', async () => {
    const answer = { ...right, summary: ' ' };
    const { status, data } = await analyze(answer, answer);
    expect([status, data.analysis.hazards, data.analysis.unknown]).toEqual([200, right.hazards, ['summary']]);
  });

  test.each<[string, object]>([
    ['an empty object', {}],
    ['only trifles', { trailType: ['sand'], fuelEstimate: {} }],
    ['nothing that can be read', { difficulty: 'hard', hazards: null, summary: '' }],
  ])('%s does not assess a trail', async (_name, answer) => {
    const { status, error, code } = await analyze(answer, answer);
    expect([status, error, code]).toEqual([502, 'Failed to analyze image. Please try again.', 'answer_unreadable']);
  });

  test('missing and wrong members never reach the page', async () => {
    const answer = {
      ...right,
      trailType: 'sand',
      hazards: ['rocks', { script: 1 }, null, 7],
      vehicleSettings: { transferCase: '9H', tractionControl: { mode: 'on' }, lockers: ['front', 'front', 'door'] },
      fuelEstimate: { bestCase: 3 },
      emergencyComms: { cellCoverage: 'perfect', localAuthorities: {}, interVehicleComms: 'radio' },
      starlinkCoverage: [],
      extra: '<script>',
    };
    const { analysis } = (await analyze(answer, answer)).data;
    expect(analysis).toMatchObject({
      trailType: ['sand'],
      hazards: ['rocks', UNKNOWN_ENTRY, '7'],
      vehicleSettings: { transferCase: '4L', tractionControl: 'on', additionalNotes: [] },
      fuelEstimate: { bestCase: '3', worstCase: 'Unknown' },
      emergencyComms: {
        cellCoverage: 'none',
        recommendedMethods: [],
        localAuthorities: { emergencyServices: '911' },
      },
    });
    for (const absent of ['starlinkCoverage', 'extra']) expect(analysis[absent]).toBeUndefined();
    expect(analysis.emergencyComms.interVehicleComms).toBeUndefined();
    expect(analysis.unknown).toEqual([
      'hazards.1',
      'emergencyComms.cellCoverage',
      'emergencyComms.interVehicleComms',
      'starlinkCoverage',
      'vehicleSettings.transferCase',
      'vehicleSettings.tractionControl',
      'vehicleSettings.lockers',
    ]);
  });
});

const plan = async (answer: unknown, times = 1) => {
  app.model.script({ text: JSON.stringify(answer), times });
  const json = { startLocation: 'Barstow, CA', endLocation: 'Needles, CA', durationDays: 2 };
  const response = await app.call('plan-route', { json });
  return { status: response.status, ...(await envelope(response)) };
};

describe('planner', () => {
  const waypoints = (...points: unknown[]) => ({ ...rightPlan, waypoints: points });

  test('ends are ends, and every point is there', async () => {
    const { data } = await plan(rightPlan);
    expect(data.waypoints.map(({ type }: { type: string }) => type)).toEqual(['start', 'water', 'end']);
    expect([data.plan.warnings, data.plan.unknown, app.model.calls().length]).toEqual([['Flash floods'], [], 1]);
  });

  test('a point whose place stays unknown is named, and never another end', async () => {
    const { data } = await plan(waypoints(a, { ...a, name: 'Spring', type: 'water', lat: 91 }, b), 2);
    expect(data.waypoints.map(({ name }: { name: string }) => name)).toEqual(['A', 'B']);
    expect(data.plan.warnings).toContain('Stop 2 of 3, Spring, is not on the map: its place is unknown.');
    expect(data.plan.unknown).toEqual(['waypoints.1.lat']);
  });

  test.each<[string, object]>([
    ['no waypoints', waypoints()],
    ['one', waypoints(a)],
    ['a start off the globe', waypoints({ ...a, lat: 91 }, a, b)],
    ['an end off the globe', waypoints(a, a, { ...b, lng: 1e9 })],
    ['an end that is nothing', waypoints(a, { ...a, type: 'water' }, null)],
    ['words', { waypoints: 'Barstow, Needles' }],
  ])('%s do not make a route', async (_name, answer) => {
    expect((await plan(answer, 2)).status).toBe(502);
    expect(app.model.calls()).toHaveLength(2);
  });

  test('an order that contradicts the types twice is reported', async () => {
    const { status, data } = await plan(waypoints(b, a), 2);
    expect([status, data.plan.unknown]).toEqual([200, ['waypoints']]);
  });

  test('an answer that was cut off is asked for again: nobody knows its end', async () => {
    app.model.script({ text: JSON.stringify(rightPlan).slice(0, 300), stopReason: 'max_tokens' });
    const { data } = await plan(rightPlan);
    expect([data.waypoints.length, data.plan.warnings]).toEqual([3, rightPlan.warnings]);
    const [first, again] = app.model.calls().map(({ body }) => body as { messages: unknown; max_tokens: number });
    expect(again?.messages).toEqual(first?.messages);
    expect(again?.max_tokens).toBe(2 * (first?.max_tokens ?? 0));
  });

  test('a distance that is unknown is not left out of the total in silence', async () => {
    const routeSegments = rightPlan.routeSegments.map((segment, index) =>
      index ? segment : { ...segment, distanceMiles: 'far' },
    );
    const { data } = await plan({ ...rightPlan, routeSegments }, 2);
    expect(data.totals.distanceBasis).toBe('straight-line');
    expect(data.plan.unknown).toEqual(['routeSegments.0.distanceMiles']);
    expect(data.plan.warnings[1]).toMatch(/^The driven distance is unknown/);
  });

  test.each([
    ['straight lines without segments', [], 56.6, 'straight-line'],
    ['segments where they are given', [70], 70, 'segments'],
    ['not shorter than a straight line', [10], 56.6, 'straight-line'],
  ])('distance: %s', (_name, miles, totalDistance, distanceBasis) => {
    const routeSegments = miles.map((distanceMiles) => ({
      from: 'A',
      to: 'B',
      distanceMiles,
      hours: 4,
      difficulty: 2,
    }));
    const totals = totalsOf({ waypoints: [a, b] as never, routeSegments: routeSegments as never });
    expect(totals).toMatchObject({ totalDistance, distanceBasis, elevationGain: 1_000 });
    expect(totals.estimatedTime).toBe(distanceBasis === 'segments' ? 240 : 226);
  });

  test('distances: a quarter of the earth, and nothing', () => {
    expect(milesBetween({ lat: 0, lng: 0 }, { lat: 0, lng: 90 })).toBeCloseTo(6_218.5, 0);
    expect(milesBetween(a, a)).toBe(0);
  });
});
