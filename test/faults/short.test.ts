import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { faults } from './faults.ts';
import { runAttack } from './limits/attack/run-attack.ts';
import { runLimitMatrix } from './limits/matrix.ts';
import { shortScenarios } from './limits/rows.ts';
import { runFault } from './run.ts';

/** The short version of `npm run faults` and `npm run faults -- limits`. */

const wanted: [string, string][] = [
  ['payi-accept-then-drop', 'bulk'],
  ['kill-at-each-step', 'auto'],
  ['tables-throttled', 'auto'],
  ['all-mixed', 'auto'],
];

describe('delivery under faults', () => {
  test('a rig that fails to start ends with the command', async () => {
    const args = ['--import', 'tsx', 'test/faults/main.ts', '--short', '--only', 'none', '--mode', 'fast'];
    const ended = promisify(execFile)(process.execPath, args, { timeout: 200_000 });
    await expect(ended).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('- PAYI_INGEST_MODE') });
  });

  test.each(wanted)(
    '%s (ingest mode %s): nothing lost, nothing doubled',
    async (name, mode) => {
      const fault = faults.find((each) => each.name === name);
      if (!fault) throw new Error(`There is no fault ${name}.`);
      const row = await runFault(fault, {
        processes: 2,
        events: 200,
        faultMs: 1_000,
        outageMs: 500,
        lockMs: 5_000,
        catchUpLimitMs: 300_000,
        mode,
        random: Math.random,
        signal: new AbortController().signal,
        log: () => undefined,
        progress: () => undefined,
      });
      expect(row).toMatchObject({ lost: 0, doubled: 0, missing: 0, inTwoStates: 0 });
      expect(row.events).toBeGreaterThan(0);
    },
    600_000,
  );
});

describe('limits under load and faults', () => {
  test('no limit with a sound bound is overshot', async () => {
    const scenarios = shortScenarios.filter(({ bound }) => bound === 'sound');
    const rows = await runLimitMatrix(scenarios, {
      kills: 1,
      random: Math.random,
      signal: new AbortController().signal,
      row: () => undefined,
      progress: () => undefined,
    });
    expect(rows.length).toBe(scenarios.length);
    for (const row of rows) {
      expect(row.broken).toEqual([]);
      expect(row.overshoot).toBeLessThanOrEqual(0);
      expect(row.settled).toBeGreaterThan(0);
    }
  }, 600_000);

  test('streams that cost more than calls of their kind did end where the limit does', async () => {
    const row = await runAttack({ attack: 'searches', processes: 2, concurrency: 20 });
    expect(row.broken).toEqual([]);
    expect(row.overshootUsd).toBeLessThanOrEqual(row.turnUsd);
    expect(row.ended).toBeGreaterThan(0);
    expect(row.ended + row.answered + row.refused).toBe(20);
  });
});
