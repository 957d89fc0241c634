import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../test/support/manual-clock.ts';
import type { TimerInfo } from '../src/messages.ts';
import { runTimers } from '../src/timers.ts';

function start(schedule: string, options: { runOnStartup?: boolean; work?: () => Promise<boolean> } = {}) {
  const clock = new ManualClock(Date.parse('2026-11-23T10:00:00Z'));
  const runs: { at: string; info: TimerInfo }[] = [];
  const signal = new AbortController();
  const timers = [{ name: 'timer', schedule, runOnStartup: options.runOnStartup === true }];
  const ended = runTimers(
    {
      timers,
      clock,
      async run(_name, info) {
        const at = new Date(clock.now()).toISOString().slice(11, 19);
        const ran = (await options.work?.()) ?? true;
        if (ran) runs.push({ at, info });
        return ran;
      },
    },
    signal.signal,
  );
  const times = () => runs.map(({ at }) => at);
  const stop = async () => {
    signal.abort();
    await ended;
  };
  return { clock, runs, times, stop };
}

describe('timers', () => {
  it('run when they are due, and say when they ran last and will next', async () => {
    const { clock, runs, times, stop } = start('0 */5 * * * *');
    await clock.pass(600_000, 1000);
    expect(times()).toEqual(['10:05:00', '10:10:00']);
    expect(runs[0]?.info).toEqual({ Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false });
    expect(runs[1]?.info.ScheduleStatus).toMatchObject({
      Last: '2026-11-23T10:05:00.000+00:00',
      Next: '2026-11-23T10:10:00.000+00:00',
    });
    await stop();
  });

  it('run at the start when told so', async () => {
    const { clock, times, stop } = start('0 */5 * * * *', { runOnStartup: true });
    await clock.pass(1000, 250);
    expect(times()).toEqual(['10:00:00']);
    await stop();
  });

  it('leave out what came due while they ran, and never run twice at once', async () => {
    let end = () => {};
    const work = () =>
      new Promise<boolean>((resolve) => {
        end = () => resolve(true);
      });
    const { clock, times, stop } = start('*/10 * * * * *', { work });
    await clock.pass(35_000, 250);
    expect(times()).toEqual([]);
    end();
    await clock.pass(5000, 250);
    end();
    await clock.pass(250, 250);
    expect(times()).toEqual(['10:00:10', '10:00:40']);
    end();
    await stop();
  });

  it('run late, and say so, when no instance was up at their time', async () => {
    let isUp = false;
    const { clock, runs, times, stop } = start('0 */5 * * * *', { work: async () => isUp });
    await clock.pass(330_000, 250);
    isUp = true;
    await clock.pass(1000, 250);
    expect(times()).toEqual(['10:05:30']);
    expect(runs[0]?.info.IsPastDue).toBe(true);
    await clock.pass(300_000, 250);
    expect(runs[1]?.info.IsPastDue).toBe(false);
    await stop();
  });

  it('stop while they wait', async () => {
    const { clock, times, stop } = start('*/10 * * * * *');
    await clock.pass(5000, 250);
    await stop();
    await clock.pass(60_000, 250);
    expect(times()).toEqual([]);
  });
});
