import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { milesBetween, totalsOf } from '../../shared/trails/planner/totals.ts';
import { envelope, startTestApp, type TestApp } from '../support/app.ts';
import { picture } from '../support/pictures.ts';

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
  const core = { difficulty: 3, summary: 'A rocky road.' };

  test.each<[string, unknown, number]>([
    ['below the range', -4, 1],
    ['above the range', 11, 5],
    ['between two', 3.5, 3.5],
  ])('difficulty %s', async (_name, difficulty, expected) => {
    expect((await analyze({ ...core, difficulty })).data.analysis.difficulty).toBe(expected);
  });

  test.each<[string, object]>([
    ['no difficulty', { summary: 'x' }],
    ['a difficulty in words', { ...core, difficulty: 'hard' }],
    ['no summary', { difficulty: 3 }],
    ['an empty summary', { ...core, summary: ' ' }],
    ['an empty object', {}],
  ])('%s is not an assessment', async (_name, answer) => {
    const { status, error, code } = await analyze(answer, answer);
    expect([status, error, code]).toEqual([502, 'Failed to analyze image. Please try again.', 'answer_unreadable']);
  });

  test('missing and wrong members never reach the page', async () => {
    const { data } = await analyze({
      ...core,
      trailType: 'sand',
      hazards: ['rocks', { script: 1 }, null, 7],
      vehicleSettings: { transferCase: '9H', tractionControl: { mode: 'on' }, lockers: ['front', 'front', 'door'] },
      fuelEstimate: { bestCase: 3 },
      emergencyComms: { cellCoverage: 'perfect', localAuthorities: {}, interVehicleComms: 'radio' },
      starlinkCoverage: [],
      extra: '<script>',
    });
    const { analysis } = data;
    expect(analysis).toMatchObject({
      trailType: [],
      hazards: ['rocks'],
      vehicleSettings: { transferCase: '4H', tractionControl: 'on', lockers: ['front'], additionalNotes: [] },
      fuelEstimate: { bestCase: 'Unknown', worstCase: 'Unknown' },
      emergencyComms: {
        cellCoverage: 'limited',
        recommendedMethods: [],
        localAuthorities: { emergencyServices: '911' },
      },
    });
    for (const absent of ['starlinkCoverage', 'extra']) expect(analysis[absent]).toBeUndefined();
    expect(analysis.emergencyComms.interVehicleComms).toBeUndefined();
  });
});

const plan = async (answer: unknown, times = 1) => {
  app.model.script({ text: JSON.stringify(answer), times });
  const json = { startLocation: 'Barstow, CA', endLocation: 'Needles, CA', durationDays: 2 };
  const response = await app.call('plan-route', { json });
  return { status: response.status, ...(await envelope(response)) };
};

describe('planner', () => {
  const a = { name: 'A', lat: 35, lng: -117, type: 'end', elevation: 2_000, day: 1 };
  const b = { name: 'B', lat: 35, lng: -116, type: 'start', elevation: 3_000, day: 2 };

  test('points off the globe are dropped, ends are ends', async () => {
    const off = [{ ...a, lat: 91 }, { ...a, lng: -181 }, { ...a, lat: '35' }, { ...a, lat: null }, 'x', null];
    const { data } = await plan({ waypoints: [a, ...off, { ...a, type: 'lake', lat: 35.1 }, b] });
    expect(data.waypoints.map(({ type }: { type: string }) => type)).toEqual(['start', 'waypoint', 'end']);
  });

  test.each<[string, object]>([
    ['no waypoints', { waypoints: [] }],
    ['one', { waypoints: [a] }],
    ['one on the globe', { waypoints: [a, { ...b, lat: 1e9 }] }],
    ['words', { waypoints: 'Barstow, Needles' }],
  ])('%s are not route', async (_name, answer) => {
    expect((await plan(answer, 2)).status).toBe(502);
  });

  test.each([
    ['straight lines where there are no segments', [], 56.6, 'straight-line'],
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
