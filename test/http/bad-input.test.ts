import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { envelope, startTestApp, type TestApp } from '../support/app.ts';
import { file, form, picture } from '../support/pictures.ts';

let app: TestApp;
let image: File;
let base64: string;
beforeAll(async () => {
  app = await startTestApp({ MAX_REQUEST_BYTES: '200000' });
  const png = await picture('png');
  image = file(png, 'image/png');
  base64 = png.toString('base64');
});
afterEach(() => {
  expect(app.model.calls()).toEqual([]);
  expect(app.kpis).toEqual([]);
});
afterAll(() => app.close());

const long = (length: number) => 'x'.repeat(length);

/** Members of a vehicle, wrong in every way that its schema forbids. */
const wrongVehicles: [string, unknown][] = [
  ['', 'a text'],
  ['', []],
  ['.id', 7],
  ['.id', long(65)],
  ['.make', undefined],
  ['.make', null],
  ['.make', ' '],
  ['.make', 7],
  ['.make', long(61)],
  ['.model', undefined],
  ['.model', ''],
  ['.model', {}],
  ['.model', long(61)],
  ['.year', '2020'],
  ['.year', 2020.5],
  ['.year', 1899],
  ['.year', 2101],
  ['.features', 'winch'],
  ['.features.0', ['jetpack']],
  ['.features.1', ['winch', null]],
  ['.features', Array(65).fill('winch')],
  ['.suspensionBrand', 'acme'],
  ['.suspensionBrand', 1],
  ['.suspensionTravel', 'far'],
  ['.suspensionTravel', []],
];
const vehicles = wrongVehicles.map(([path, value]): [string, unknown] => {
  const member = path.split('.')[1];
  return [`vehicleInfo${path}`, member ? { make: 'Jeep', model: 'JL', [member]: value } : value];
});

const jsonCases: [string, string, object][] = [
  ...vehicles.flatMap(([field, vehicleInfo]): [string, string, object][] => [
    ['analyze', field, { vehicleInfo }],
    ['search-trails', field, { vehicleInfo }],
    ['plan-route', field, { vehicleInfo }],
  ]),
  ...[undefined, null, '', '  ', 7, [], {}, long(201)].map((location): [string, string, object] => [
    'search-trails',
    'location',
    { location },
  ]),
  ...['\u200b', '\u202e\u2066', '\u0000', '\ud800', '\u3164', '\u2800 \ufeff'].flatMap(
    (unseen): [string, string, object][] => [
      ['search-trails', 'location', { location: unseen }],
      ['plan-route', 'startLocation', { startLocation: unseen }],
      ['plan-route', 'mustVisit.0', { mustVisit: [unseen] }],
      ['judge', 'answer', { answer: unseen }],
      ['analyze', 'vehicleInfo.make', { vehicleInfo: { make: unseen, model: 'JL' } }],
    ],
  ),
  ...['analyze', 'search-trails', 'plan-route'].flatMap((name): [string, string, object][] => [
    [name, 'startDate', { startDate: '2026-12-01' }],
    [name, 'vehicleInfo.wheels', { vehicleInfo: { make: 'Jeep', model: 'JL', wheels: 4 } }],
  ]),
  ['analyze', 'context.weather', { context: { weather: 'rain' } }],
  ['judge', 'model', { model: 'claude-opus-5-5' }],
  ['search-trails', 'vehicleId', { vehicleId: 7 }],
  ['search-trails', 'vehicleId', { vehicleId: long(65) }],
  ...['50', 0, -1, 501, true, []].map((searchRadius): [string, string, object] => [
    'search-trails',
    'searchRadius',
    { searchRadius },
  ]),
  ['search-trails', 'difficultyPref', { difficultyPref: 'extreme' }],
  ['search-trails', 'difficultyPref', { difficultyPref: '' }],
  ['search-trails', 'tripLength', { tripLength: 'a year' }],
  ['search-trails', 'tripLength', { tripLength: 3 }],
  ['search-trails', 'sceneryTypes', { sceneryTypes: 'desert' }],
  ['search-trails', 'sceneryTypes.0', { sceneryTypes: ['moon'] }],
  ['search-trails', 'sceneryTypes', { sceneryTypes: Array(17).fill('desert') }],
  ...(['startLocation', 'endLocation'] as const).flatMap((field) =>
    [undefined, null, ' ', 7, long(201)].map((value): [string, string, object] => [
      'plan-route',
      field,
      { [field]: value },
    ]),
  ),
  ...[undefined, null, '3', 0, 31, 1.5].map((durationDays): [string, string, object] => [
    'plan-route',
    'durationDays',
    { durationDays },
  ]),
  ['plan-route', 'experienceLevel', { experienceLevel: 'god' }],
  ['plan-route', 'preferences', { preferences: 'camping' }],
  ['plan-route', 'preferences.0', { preferences: [7] }],
  ['plan-route', 'preferences.0', { preferences: [long(101)] }],
  ['plan-route', 'mustVisit', { mustVisit: Array(21).fill('x') }],
  ['plan-route', 'mustVisit.0', { mustVisit: [''] }],
  ['analyze', 'context', { context: 'text' }],
  ['analyze', 'context.trailName', { context: { trailName: 7 } }],
  ['analyze', 'context.trailName', { context: { trailName: long(201) } }],
  ['analyze', 'context.trailLocation', { context: { trailLocation: [] } }],
  ['analyze', 'context.trailLocation', { context: { trailLocation: long(201) } }],
  ['analyze', 'context.additionalNotes', { context: { additionalNotes: {} } }],
  ['analyze', 'context.additionalNotes', { context: { additionalNotes: long(4_001) } }],
  ['analyze', 'images', { images: undefined }],
  ['analyze', 'images', { images: null }],
  ['analyze', 'images', { images: [] }],
  ['analyze', 'images', { images: 'x' }],
  ['analyze', 'images.0', { images: [7] }],
  ['analyze', 'images.0', { images: ['not base64!'] }],
  ['analyze', 'images.0', { images: ['data:image/png;base64'] }],
  ['analyze', 'images.0', { images: [''] }],
  ['analyze', 'images.0', { images: ['aGVsbG8='] }],
  ['analyze', 'images', { images: Array(9).fill('aGVsbG8=') }],
  ['analyze', 'model', { model: 7 }],
  ['analyze', 'model', { model: 'gpt-9' }],
  ['analyze', 'model', { model: '__proto__' }],
  ['analyze', 'model', { model: 'gpt-4o' }],
  ['analyze', 'model', { model: 'o1' }],
  ['judge', 'useCase', { useCase: 'other' }],
  ['judge', 'useCase', { useCase: undefined }],
  ['judge', 'question', { question: 'x' }],
  ['judge', 'question', { question: undefined }],
  ['judge', 'question', { question: { x: long(8_001) } }],
  ['judge', 'answer', { answer: undefined }],
  ['judge', 'answer', { answer: ' ' }],
  ['judge', 'answer', { answer: {} }],
  ['judge', 'answer', { answer: long(60_001) }],
  ['judge', 'sources', { sources: 'x' }],
  ['judge', 'sources.0', { sources: ['javascript:alert(1)'] }],
  ['judge', 'sources.0', { sources: [7] }],
  ['judge', 'sources', { sources: Array(61).fill('https://a.b/') }],
];

const valid = (): Record<string, object> => ({
  analyze: { images: [base64], model: 'claude-sonnet-5-5' },
  'search-trails': { location: 'Moab' },
  'plan-route': { startLocation: 'Barstow', endLocation: 'Needles', durationDays: 2 },
  judge: { useCase: 'trail_finder', question: { location: 'Moab' }, answer: 'Go.' },
});

test.each(jsonCases.map(([name, field, wrong], index) => ({ name, field, wrong, index })))(
  '$index $name: $field',
  async ({ name, field, wrong }) => {
    const response = await app.call(name, { json: { ...valid()[name], ...wrong } });
    const { success, error, details } = await envelope(response);
    expect({ status: response.status, success }).toEqual({ status: 400, success: false });
    expect(error.length).toBeGreaterThan(0);
    expect(details.fields.map((problem: { field: string }) => problem.field)).toContain(field);
  },
);

test.each(['search-trails', 'plan-route', 'analyze', 'judge'])('%s: malformed bodies', async (name) => {
  const type = { 'content-type': 'application/json' };
  const status = async (init: Parameters<TestApp['call']>[1]) => (await app.call(name, init)).status;
  expect(await status({ body: '{"location":', headers: type })).toBe(400);
  expect(await status({ body: '', headers: type })).toBe(400);
  expect(await status({ body: 'null', headers: type })).toBe(400);
  expect(await status({ body: '[]', headers: type })).toBe(400);
  expect(await status({ body: '"text"', headers: type })).toBe(400);
  expect(await status({ body: new Uint8Array([0x7b, 0xff, 0x7d]), headers: type })).toBe(400);
  expect(await status({ body: '['.repeat(100_000), headers: type })).toBe(400);
  for (const json of [`{"images":[${'1,'.repeat(20_000)}1]}`, '{"location":"Moab","location":"Reno"}'])
    expect(await status({ body: json, headers: type })).toBe(400);
  expect(await status({ body: 'x', headers: { 'content-type': 'text/plain' } })).toBe(415);
  expect(await status({ body: new Uint8Array([1]) })).toBe(415);
  expect(await status({ body: `{"a":"${long(200_000)}"}`, headers: type })).toBe(413);
  expect(await status({ body: '{}', headers: { ...type, 'content-length': '99999999' } })).toBe(413);
});

const ALLOWED = 'Allowed types: image/jpeg, image/png, image/gif, image/webp, image/avif';
const formCases: [string, () => FormData, string, string][] = [
  ['nothing', () => form({}), 'images', 'No images provided'],
  ['no image', () => form({ model: 'claude-sonnet-5-5' }), 'images', 'No images provided'],
  [
    'nine',
    () => form({ model: 'claude-sonnet-5-5', images: Array(9).fill(image) }),
    'images',
    'Too many images (9). Maximum is 8.',
  ],
  [
    'a part that is not known',
    () => form({ images: image, startDate: '2026-12-01' }),
    'startDate',
    'Invalid request. startDate is not known',
  ],
  [
    'no vision',
    () => form({ images: image, model: 'grok-2' }),
    'model',
    'Model grok-2 does not support image analysis',
  ],
  ['unknown', () => form({ images: image, model: 'llama' }), 'model', 'Unknown model: llama. Supported models: '],
  [
    'elsewhere',
    () => form({ images: image, model: 'gemini-pro-vision' }),
    'model',
    'Provider google is not configured. Supported models: ',
  ],
  [
    'a text',
    () => form({ images: file(Buffer.from('hello'), 'text/plain'), model: 'claude-sonnet-5-5' }),
    'images.0',
    `Invalid file type for image 1: text/plain. ${ALLOWED}`,
  ],
  [
    'a text called PNG',
    () => form({ images: [image, file(Buffer.from('hello'), 'image/png')], model: 'claude-sonnet-5-5' }),
    'images.1',
    `Invalid file type for image 2: unknown. ${ALLOWED}`,
  ],
  [
    'a field, no file',
    () => form({ images: 'x', model: 'claude-sonnet-5-5' }),
    'images.0',
    'Invalid request. images.0 must be a file',
  ],
  [
    'vehicle no JSON',
    () => form({ images: image, model: 'claude-sonnet-5-5', vehicleInfo: '{' }),
    'vehicleInfo',
    'Invalid request. vehicleInfo is not valid JSON',
  ],
  [
    'context no JSON',
    () => form({ images: image, model: 'claude-sonnet-5-5', context: 'x' }),
    'context',
    'Invalid request. context is not valid JSON',
  ],
  [
    'context a file',
    () => form({ images: image, model: 'claude-sonnet-5-5', context: image }),
    'context',
    'Invalid request. context must be JSON text, not a file',
  ],
  [
    'context a list',
    () => form({ images: image, model: 'claude-sonnet-5-5', context: '[]' }),
    'context',
    'Invalid request. context ',
  ],
  [
    'damaged',
    () =>
      form({ images: file(Buffer.from(base64, 'base64').subarray(0, 60), 'image/png'), model: 'claude-sonnet-5-5' }),
    'images.0',
    "Image 1 can't be read. The file may be damaged.",
  ],
];

test.each(formCases)('form: %s', async (_name, body, field, text) => {
  const response = await app.call('analyze', { body: body() });
  const { error, details } = await envelope(response);
  expect(response.status).toBe(400);
  expect(error.startsWith(text)).toBe(true);
  expect(details.fields[0].field).toBe(field);
});

test('a malformed form', async () => {
  const response = await app.call('analyze', {
    body: 'x',
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
  });
  expect(response.status).toBe(400);
});

test('location: the text of the contract', async () => {
  expect((await envelope(await app.call('search-trails', { json: { location: ' ' } }))).error).toBe(
    'Location is required',
  );
});

test.each(['search-trails', 'plan-route'])('%s: a saved vehicle that is unknown here', async (name) => {
  const response = await app.call(name, { json: { ...valid()[name], vehicleId: 'cmk3x9q0v0001' } });
  expect(response.status).toBe(404);
  expect((await envelope(response)).error).toBe('Vehicle not found');
});
