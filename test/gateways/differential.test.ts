import { expect, test } from 'vitest';
import { compareGateway } from './differential.ts';

test('requests through the gateway have the answers of requests straight to the provider', async () => {
  const { statuses, differences } = await compareGateway(120, 20_261_123);
  expect(differences).toEqual([]);
  expect(statuses[200]).toBeGreaterThan(40);
  expect(statuses[400]).toBeGreaterThan(10);
});
