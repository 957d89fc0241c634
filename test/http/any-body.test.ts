import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { envelope, startTestApp, type TestApp } from '../support/app.ts';
import { picture } from '../support/pictures.ts';

/** Whatever a client sends, it is answered in the envelope, and never with our failure. */
let app: TestApp;
let bodies: Record<string, Record<string, unknown>>;
beforeAll(async () => {
  app = await startTestApp();
  const vehicleInfo = { make: 'Jeep', model: 'JL', year: 2020, features: ['winch'], suspensionBrand: 'icon' };
  bodies = {
    analyze: {
      images: [(await picture('png')).toString('base64')],
      model: 'claude-sonnet-5-5',
      vehicleInfo,
      context: { trailName: 'x' },
    },
    'search-trails': { location: 'Moab', searchRadius: 50, vehicleInfo, sceneryTypes: ['desert'], vehicleId: null },
    'plan-route': { startLocation: 'A', endLocation: 'B', durationDays: 2, vehicleInfo, mustVisit: ['x'] },
    judge: { useCase: 'trail_finder', question: {}, answer: 'Go.', sources: [] },
  };
});
afterAll(() => app.close());

const awkward = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('__proto__', 'constructor', '\u0000', '\ud800', '../..', '%00', '<script>', Number.MAX_VALUE, -0, ''),
  fc.string({ unit: 'binary', maxLength: 300 }),
);

/** A body with one member, or one of a member's members, replaced. */
const changed = (body: Record<string, unknown>) =>
  fc.tuple(fc.constantFrom(...Object.keys(body)), fc.option(fc.string()), awkward).map(([name, inner, value]) => {
    const old = body[name];
    const nested = inner !== null && typeof old === 'object' && old !== null && !Array.isArray(old);
    return { ...body, [name]: nested ? { ...old, [inner]: value } : value };
  });

test.each(['analyze', 'search-trails', 'plan-route', 'judge'])('%s', async (name) => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(changed(bodies[name] ?? {}), awkward), async (body) => {
      const response = await app.call(name, { json: body });
      const { success, error } = await envelope(response);
      expect(success).toBe(response.status === 200);
      expect(response.status).toBeLessThan(500);
      if (!success) expect(typeof error).toBe('string');
    }),
    { numRuns: 60 },
  );
});

test('any bytes as a form', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
      const headers = { 'content-type': 'multipart/form-data; boundary=b' };
      const head = Buffer.from('--b\r\ncontent-disposition: form-data; name="images"; filename="a"\r\n\r\n');
      const body = new Uint8Array(Buffer.concat([head, bytes, Buffer.from('\r\n--b--\r\n')]));
      const response = await app.call('analyze', { body, headers });
      expect(response.status).toBe(400);
    }),
    { numRuns: 40 },
  );
});
