import { expect, test } from 'vitest';
import { allLimits, pageOfLimits } from '../../shared/limits/admin/read-limits.ts';
import { createLimits } from '../../shared/limits/limit-service.ts';
import type { PayiClient } from '../../shared/payi/client.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { policy, quiet, tryCall, usd } from './helpers.ts';

test('an admin reads the limits in pages: each once, whatever the size of a page', async () => {
  const limits = createLimits({
    tables: new MemoryTables(),
    policies: [
      policy({ name: 'each', scope: 'user', window: 'none' }),
      policy({ name: 'all', window: 'none' }),
      policy({ name: 'pairs', scope: 'user+use_case', window: 'none' }),
      policy({ name: 'never', scope: 'account', window: 'none' }),
    ],
    payi: { get: async () => undefined } as unknown as PayiClient['limits'],
    publisher: { publish: async () => 'queued', close: async () => undefined },
    clock: systemClock,
    telemetry: quiet,
  });
  for (let user = 0; user < 20; user++)
    expect(await tryCall(limits.gate, usd(0.01), usd(0.01), { userId: `user-${user}` })).toBe(true);
  const ids = (await allLimits(limits)).limits.map(({ limitId }) => limitId);
  expect(ids).toHaveLength(41);
  for (const most of [1, 7, 20, 41, 100]) {
    const read: string[] = [];
    let after: string | undefined;
    do {
      const page = await pageOfLimits(limits, most, after);
      expect(page.limits.length).toBeLessThanOrEqual(most);
      read.push(...page.limits.map(({ limitId }) => limitId));
      after = page.next ?? undefined;
    } while (after !== undefined);
    expect(read.sort()).toEqual([...ids].sort());
  }
  for (const strange of ['x', '', Buffer.from('["a"]').toString('base64url')])
    await expect(pageOfLimits(limits, 5, strange)).rejects.toMatchObject({ code: 'invalid_page', status: 400 });
  await limits.close();
});
