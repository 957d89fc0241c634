import { runCommand, wholeNumber } from '../../infra/cli/command.ts';
import { faults } from './faults.ts';
import { limitsCommand } from './limits/command.ts';
import { type FaultRow, isSound, runFault } from './run.ts';

/**
 * `npm run faults`: the whole stack under each fault. `--events N` a fault, `--only NAME` one of them, `--mode` another
 * way to ingest than the app would choose, `--short` a quick run. Exit 1 when an event was lost, came twice, or the app's
 * own conservation check (D2) names one.
 * `npm run faults -- limits`: the limits under load and faults (see `limitsCommand`).
 */
const USAGE = `npm run faults -- [--events N] [--only FAULT] [--mode MODE] [--processes N] [--short]
npm run faults -- limits [--only FAULT] [--short]`;
const options = {
  events: { type: 'string' },
  only: { type: 'string' },
  mode: { type: 'string' },
  processes: { type: 'string' },
  short: { type: 'boolean' },
} as const;

await runCommand({ usage: USAGE, options, words: true }, async (args, output, signal) => {
  const [matrix = 'delivery'] = args.positionals;
  if (matrix === 'limits') return limitsCommand(args, output, signal);
  if (matrix !== 'delivery') throw new Error(`No matrix "${matrix}". There are: delivery, limits.`);
  const short = args.values['short'] === true;
  const only = args.values['only'];
  const chosen = faults.filter((fault) => only === undefined || fault.name === only);
  if (chosen.length === 0)
    throw new Error(`No fault "${String(only)}". There are: ${faults.map((fault) => fault.name).join(', ')}.`);
  const rows: FaultRow[] = [];
  output.say(`${'fault'.padEnd(24)} processes  events    lost  doubled  missing  in two  catch-up`);
  for (const fault of chosen) {
    signal.throwIfAborted();
    const row = await runFault(fault, {
      processes: wholeNumber(args, 'processes', 4),
      events: wholeNumber(args, 'events', short ? 400 : 20_000),
      faultMs: short ? 2_000 : fault.name === 'payi-down' ? 60_000 : 15_000,
      outageMs: short ? 1_500 : 60_000,
      lockMs: short ? 15_000 : 300_000,
      catchUpLimitMs: 420_000,
      mode: typeof args.values['mode'] === 'string' ? args.values['mode'] : 'auto',
      random: Math.random,
      signal,
      log: () => undefined,
      progress: (text) => output.progress(`  ${text}`),
    });
    rows.push(row);
    const cells = [row.processes, row.events, row.lost, row.doubled, row.missing, row.inTwoStates].map((cell, column) =>
      String(cell).padStart([9, 6, 6, 7, 7, 6][column] ?? 6),
    );
    output.say(`${row.fault.padEnd(24)} ${cells.join('  ')}  ${(row.catchUpMs / 1_000).toFixed(1).padStart(6)} s`);
  }
  return { ok: rows.every(isSound), rows };
});
