import { describe, expect, test } from 'vitest';
import { analysisShape } from '../../shared/trails/analysis/answer.ts';
import { finderShape } from '../../shared/trails/finder/answer.ts';
import { plannerShape } from '../../shared/trails/planner/answer.ts';
import { UNKNOWN_ENTRY } from '../../shared/trails/reading/fields.ts';
import { readShape } from '../../shared/trails/reading/shape.ts';
import { a, analysis, b, plan, settings, trail } from './right-answers.ts';

const readTrail = (more: object) => {
  const { value, problems } = readShape(finderShape, { recommendations: [{ ...trail, ...more }], searchSummary: 'x' });
  return { trail: value?.recommendations[0], problems: problems.map(({ path }) => path.slice(2).join('.')) };
};

describe('a trail', () => {
  test.each<[string, object, object]>([
    [
      'a word in capitals, apart',
      { vehicleCompatibility: 'Not Recommended' },
      { vehicleCompatibility: 'not-recommended' },
    ],
    [
      'a word with underscores',
      { vehicleCompatibility: 'not_recommended' },
      { vehicleCompatibility: 'not-recommended' },
    ],
    [
      'a word with a zero-width space',
      { vehicleCompatibility: 'not\u200b-recommended' },
      { vehicleCompatibility: 'not-recommended' },
    ],
    ['a synonym', { vehicleCompatibility: 'Unsuitable' }, { vehicleCompatibility: 'not-recommended' }],
    ['a word in a list', { vehicleCompatibility: ['marginal'] }, { vehicleCompatibility: 'marginal' }],
    ['one warning as a text', { warnings: 'Flash floods' }, { warnings: ['Flash floods'] }],
    ['a warning that is a number', { warnings: [7, 'ok', ''] }, { warnings: ['7', 'ok'] }],
    ['a number as a text', { difficulty: '3' }, { difficulty: 3 }],
    ['a number in a list', { difficulty: [3] }, { difficulty: 3 }],
    ['the scale’s word', { difficulty: 'Very Difficult' }, { difficulty: 4 }],
    ['a member’s name in another case', { difficulty: undefined, Difficulty: 4 }, { difficulty: 4 }],
    ['one scenery of several that are known', { sceneryType: 'desert, moon' }, { sceneryType: ['desert'] }],
    ['a source that is not known', { source: 'a blog' }, { source: 'web' }],
    ['an address of null', { sourceUrl: null }, {}],
    ['another name of permits', { permits: undefined, permit: 'Day pass' }, { permits: 'Day pass' }],
  ])('%s', (_name, more, expected) => {
    expect(readTrail(more)).toEqual({ trail: expect.objectContaining(expected), problems: [] });
  });

  test('title is its name', () => {
    const { name: title, ...rest } = trail;
    const { value, problems } = readShape(finderShape, { recommendations: [{ title, ...rest }] });
    expect([value?.recommendations[0]?.name, problems]).toEqual([title, []]);
  });

  test.each<[string, object, string, object]>([
    ['difficulty 0', { difficulty: 0 }, 'difficulty', { difficulty: 5 }],
    ['difficulty −1', { difficulty: -1 }, 'difficulty', { difficulty: 5 }],
    ['difficulty 99', { difficulty: 99 }, 'difficulty', { difficulty: 5 }],
    ['difficulty in a word that is not known', { difficulty: 'hard' }, 'difficulty', { difficulty: 5 }],
    ['two difficulties', { Difficulty: 1 }, 'difficulty', { difficulty: 5 }],
    [
      'a word that is not known',
      { vehicleCompatibility: 'superb' },
      'vehicleCompatibility',
      { vehicleCompatibility: 'not-recommended' },
    ],
    [
      'the opposite of a word',
      { vehicleCompatibility: 'not good' },
      'vehicleCompatibility',
      { vehicleCompatibility: 'not-recommended' },
    ],
    ['no word', { vehicleCompatibility: null }, 'vehicleCompatibility', { vehicleCompatibility: 'not-recommended' }],
    ['warnings that are objects', { warnings: ['a', { b: 1 }] }, 'warnings.1', { warnings: ['a', UNKNOWN_ENTRY] }],
    ['warnings that are a flag', { warnings: true }, 'warnings.0', { warnings: [UNKNOWN_ENTRY] }],
    [
      'warnings under a name that nobody knows',
      { warnings: undefined, dangers: ['Flood'] },
      'warnings',
      { warnings: [UNKNOWN_ENTRY] },
    ],
    ['a name of nothing', { name: '\u200b' }, 'name', { name: 'Unknown Trail' }],
    ['permits under a name that nobody knows', { permits: undefined, fees: 'Day pass' }, 'permits', {}],
  ])('%s is a problem, and the most careful value stands', (_name, more, path, expected) => {
    expect(readTrail(more)).toEqual({ trail: expect.objectContaining(expected), problems: [path] });
  });

  test('no item of a list is lost', () => {
    const { value, problems } = readShape(finderShape, {
      recommendations: ['Rubicon', null, { difficulty: 2 }, trail],
    });
    expect(
      value?.recommendations.map(({ name, difficulty, vehicleCompatibility }) => [
        name,
        difficulty,
        vehicleCompatibility,
      ]),
    ).toEqual([
      ['Rubicon', 5, 'not-recommended'],
      ['Unknown Trail', 5, 'not-recommended'],
      ['Unknown Trail', 2, 'not-recommended'],
      [trail.name, trail.difficulty, trail.vehicleCompatibility],
    ]);
    expect(new Set(problems.map(({ path }) => path[1]))).toEqual(new Set([0, 1, 2]));
  });

  test.each([['none'], [undefined], [null], [7]])('recommendations %j are not a list', (recommendations) => {
    expect(readShape(finderShape, { recommendations }).value).toBeUndefined();
  });

  test('a list of one without its brackets', () => {
    expect(readShape(finderShape, { recommendations: trail }).value?.recommendations).toHaveLength(1);
  });
});

const readAnalysis = (more: object, vehicle: object = {}) => {
  const raw = { ...analysis, ...more, vehicleSettings: { ...settings, ...vehicle } };
  const { value, problems } = readShape(analysisShape(true), raw);
  return { value, problems: problems.map(({ path }) => path.join('.')) };
};

describe('an analysis', () => {
  test.each<[string, object, object]>([
    ['4-Low', { transferCase: '4-Low' }, { transferCase: '4L' }],
    ['4 low', { transferCase: '4 low' }, { transferCase: '4L' }],
    ['4WD High', { transferCase: '4WD High' }, { transferCase: '4H' }],
    ['a flag', { tractionControl: false }, { tractionControl: 'off' }],
    [
      'pressures in bar',
      { recommendedTirePressure: { front: 1.8, rear: 2, unit: 'bar' } },
      { recommendedTirePressure: { front: 26.1, rear: 29, unit: 'psi' } },
    ],
    [
      'pressures in kPa',
      { recommendedTirePressure: { front: 180, rear: '180 kPa', unit: 'kPa' } },
      { recommendedTirePressure: { front: 26.1, rear: 26.1, unit: 'psi' } },
    ],
    ['lockers in one text', { lockers: 'Front and Rear' }, { lockers: ['front', 'rear'] }],
    ['lockers twice', { lockers: ['front', 'front'] }, { lockers: ['front'] }],
  ])('settings: %s', (_name, vehicle, expected) => {
    expect(readAnalysis({}, vehicle)).toEqual({
      value: expect.objectContaining({ vehicleSettings: expect.objectContaining(expected) }),
      problems: [],
    });
  });

  test.each<[string, object, string, object]>([
    ['a transfer case that is not known', { transferCase: '9H' }, 'transferCase', { transferCase: '4L' }],
    [
      'pressures without a unit that can’t be psi',
      { recommendedTirePressure: { front: 1.8, rear: 1.8 } },
      'recommendedTirePressure',
      { recommendedTirePressure: undefined },
    ],
    [
      'pressures in a unit that is not known',
      { recommendedTirePressure: { front: 2, rear: 2, unit: 'atm' } },
      'recommendedTirePressure',
      { recommendedTirePressure: undefined },
    ],
    [
      'a range of pressures',
      { recommendedTirePressure: { front: '15-20 psi', rear: 20 } },
      'recommendedTirePressure',
      { recommendedTirePressure: undefined },
    ],
    ['a locker that is not known', { lockers: ['front', 'door'] }, 'lockers', { lockers: undefined }],
  ])('settings: %s is a problem', (_name, vehicle, path, expected) => {
    const { value, problems } = readAnalysis({}, vehicle);
    expect(pick(pick(value, { vehicleSettings: 0 })['vehicleSettings'], expected)).toEqual(expected);
    expect(problems).toEqual([`vehicleSettings.${path}`]);
  });

  test.each<[string, object, string[], object]>([
    ['one hazard as a text', { hazards: 'Cliff' }, [], { hazards: ['Cliff'] }],
    ['no word on hazards', { hazards: undefined }, ['hazards'], { hazards: [UNKNOWN_ENTRY] }],
    [
      'a hazard that is an object',
      { hazards: ['rocks', { a: 1 }, null] },
      ['hazards.1'],
      { hazards: ['rocks', UNKNOWN_ENTRY] },
    ],
    [
      'coverage in another case',
      { emergencyComms: { cellCoverage: 'None' } },
      [],
      { emergencyComms: { cellCoverage: 'none', recommendedMethods: [] } },
    ],
    [
      'coverage that is not known',
      { emergencyComms: { cellCoverage: 'perfect' } },
      ['emergencyComms.cellCoverage'],
      { emergencyComms: { cellCoverage: 'none', recommendedMethods: [] } },
    ],
    ['a part that is a text', { emergencyComms: 'radio' }, ['emergencyComms'], { emergencyComms: undefined }],
    ['a part that is missing', { emergencyComms: null }, [], { emergencyComms: undefined }],
    [
      'coverage of satellites',
      { starlinkCoverage: { coverage: 'Good Coverage', confidence: 'HIGH' } },
      [],
      { starlinkCoverage: { coverage: 'good-coverage', confidence: 'high', obstructions: [], bestSpots: [] } },
    ],
  ])('%s', (_name, more, problems, expected) => {
    const read = readAnalysis(more);
    expect(pick(read.value, expected)).toEqual(expected);
    expect(read.problems).toEqual(problems);
  });

  test('what is longer than was asked for is kept whole and reported', () => {
    const hazards = Array.from({ length: 60 }, (_, index) => `Rock ${index}`);
    const summary = 'x'.repeat(5_000);
    const { value, problems, long } = readShape(analysisShape(false), { ...analysis, hazards, summary });
    expect([value?.hazards, value?.summary, problems]).toEqual([hazards, summary, []]);
    expect(long).toEqual([['hazards'], ['summary']]);
  });

  test('texts are shown without characters that are not text', () => {
    const { value } = readAnalysis({ summary: 'Le\u0301on\u202e \u0000\ud800 end' });
    expect(value?.summary).toBe('L\u00e9on  end');
  });
});

const pick = (value: unknown, like: object) =>
  Object.fromEntries(Object.keys(like).map((key) => [key, (value as Record<string, unknown>)[key]]));

const readPlan = (waypoints: unknown, more: object = {}) => {
  const { value, problems } = readShape(plannerShape, { ...plan, waypoints, ...more });
  return { points: value?.waypoints, value, problems: problems.map(({ path }) => path.join('.')) };
};

describe('a route', () => {
  test.each<[string, object, object]>([
    ['numbers as texts', { lat: '35.2', lng: '-116' }, { lat: 35.2, lng: -116 }],
    ['other names', { lat: undefined, lng: undefined, latitude: 35.2, lon: -116 }, { lat: 35.2, lng: -116 }],
    ['past the date line', { lng: 180.1 }, { lng: -179.9 }],
    ['metres', { elevation: '1200 m' }, { elevation: 3_937 }],
  ])('%s', (_name, more, expected) => {
    const { points, problems } = readPlan([a, { ...b, ...more }]);
    expect([points?.[1], problems]).toEqual([expect.objectContaining(expected), []]);
  });

  test.each<[string, unknown]>([
    ['off the globe', { lat: 91 }],
    ['nowhere', { lat: null }],
    ['in words', { lat: 'north' }],
  ])('a point %s keeps its place in the list, without a position', (_name, more) => {
    const { points, problems } = readPlan([a, { ...a, type: 'water', ...(more as object) }, b]);
    expect(points).toHaveLength(3);
    expect(points?.[1]?.lat).toBeUndefined();
    expect(problems).toEqual(['waypoints.1.lat']);
  });

  test('sixty points stay sixty', () => {
    const middle = Array.from({ length: 58 }, (_, index) => ({ ...a, name: `P${index}`, type: 'waypoint' }));
    const { points, problems } = readPlan([a, ...middle, b]);
    expect([points?.length, points?.at(-1)?.name, problems]).toEqual([60, 'B', []]);
  });

  test('an order that contradicts the types is a problem', () => {
    expect(readPlan([b, a]).problems).toEqual(['waypoints']);
    expect(readPlan([a, { ...b, name: 'C' }, { ...b, type: 'campsite' }]).problems).toEqual(['waypoints']);
    expect(readPlan([a, { ...b, type: 'campsite' }]).problems).toEqual(['waypoints']);
    expect(readPlan([a, b, b]).problems).toEqual(['waypoints']);
  });

  test('a kind that is not known may be the one that warns', () => {
    const { points, problems } = readPlan([a, { ...a, type: 'washout' }, b]);
    expect([points?.[1]?.type, problems]).toEqual(['hazard', ['waypoints.1.type']]);
  });

  test('distances and hours in other units; a missing one is a problem', () => {
    const routeSegments = [
      { from: 'A', to: 'B', distanceMiles: '100 km', hours: '90 min', difficulty: 3 },
      { from: 'B', to: 'C', difficulty: 3 },
    ];
    const { value, problems } = readPlan([a, b], { routeSegments });
    expect(value?.routeSegments[0]).toMatchObject({ distanceMiles: 62.1, hours: 1.5 });
    expect(problems).toEqual(['routeSegments.1.distanceMiles', 'routeSegments.1.hours']);
  });
});
