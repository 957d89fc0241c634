import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRequestMemory, type RequestMemory } from '../../shared/http/memory/request-memory.ts';
import { envelope, startTestApp, type TestApp } from '../support/app.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';
import { file, form, picture } from '../support/pictures.ts';

let app: TestApp;
let clock: ManualClock;
let memory: RequestMemory;
beforeEach(async () => {
  clock = new ManualClock();
  memory = createRequestMemory({ REQUEST_MEMORY_MB: 128, PICTURE_MEMORY_MB: 128 }, clock);
  app = await startTestApp({}, { memory });
});
afterEach(() => app.close());

/** A form whose reading is watched. */
function watched(): { body: ReadableStream<Uint8Array>; pulls(): number } {
  let pulls = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulls += 1;
        controller.enqueue(Buffer.from('--b\r\n'));
      },
    },
    { highWaterMark: 0 },
  );
  return { body, pulls: () => pulls };
}

test('a body for which there is no memory is refused with 503 and Retry-After, and never read', async () => {
  await memory.bodies.take(memory.bodies.capacity);
  const { body, pulls } = watched();
  const headers = { 'content-type': 'multipart/form-data; boundary=b', 'content-length': '60000000' };
  const answer = app.call('analyze', { body, headers });
  await settled();
  await clock.pass(10_000);
  const response = await answer;
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await envelope(response)).toMatchObject({ success: false, code: 'busy' });
  expect(pulls()).toBe(0);
  expect(app.model.calls()).toEqual([]);
});

test('a picture for which there is no memory is refused in the same way', async () => {
  await memory.pictures.take(memory.pictures.capacity);
  const answer = app.call('analyze', { body: form({ images: file(await picture('jpeg'), 'image/jpeg') }) });
  let response: Awaited<typeof answer> | undefined;
  answer.then((value) => (response = value));
  // The form is read meanwhile, whose time the clock does not know.
  while (response === undefined) await clock.pass(1_000);
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
});

test('all memory is given back after answers and after refusals', async () => {
  const photo = file(await picture('jpeg'), 'image/jpeg');
  const bad = file(Buffer.from('not a photo'), 'image/jpeg');
  const answers = await Promise.all(
    [photo, bad, photo, bad].map((images) => app.call('analyze', { body: form({ images }) })),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 400, 200, 400]);
  for (const budget of [memory.bodies, memory.pictures]) {
    const all = await budget.take(budget.capacity);
    expect(all.bytes).toBe(budget.capacity);
  }
});
