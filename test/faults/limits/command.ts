import type { CommandArguments, CommandResult, Output } from '../../../infra/cli/command.ts';
import { runLimitMatrix } from './matrix.ts';
import { allScenarios, limitFaults, shortScenarios } from './rows.ts';
import type { LimitRowResult } from './run-row.ts';

/** `npm run faults -- limits`: `--only FAULT` one kind of rows, `--short` a quick run. Not ok when a limit was overshot by more than stated. */
export async function limitsCommand(
  args: CommandArguments,
  output: Output,
  signal: AbortSignal,
): Promise<CommandResult> {
  const short = args.values['short'] === true;
  const only = args.values['only'];
  const scenarios = (short ? shortScenarios : allScenarios()).filter(
    ({ fault }) => only === undefined || fault === only,
  );
  if (scenarios.length === 0) throw new Error(`No fault "${String(only)}". There are: ${limitFaults.join(', ')}.`);
  output.say(
    'fault                  bound    processes  at once  settled USD  overshoot USD  stated USD  refused  with room  of lost room  beside room  503  kills  abandoned USD',
  );
  const rows = await runLimitMatrix(scenarios, {
    kills: short ? 1 : 2,
    random: Math.random,
    signal,
    row: (row) => {
      output.say(line(row));
      for (const what of row.broken) output.say(`  broken: ${what}`);
    },
    progress: (text) => output.progress(`  ${text}`),
  });
  return { ok: rows.every(({ broken }) => broken.length === 0), rows };
}

function line(row: LimitRowResult): string {
  const cells: [string | number, number][] = [
    [row.processes, 9],
    [row.concurrency, 7],
    [row.settledUsd.toFixed(4), 11],
    [row.overshootUsd.toFixed(4), 13],
    [row.statedUsd.toFixed(4), 10],
    [row.refused, 7],
    [row.refusedWithRoom, 9],
    [row.refusedForLostRoom, 12],
    [row.refusedBesideRoom, 11],
    [row.unreadable, 3],
    [row.kills, 5],
    [row.abandonedUsd.toFixed(4), 13],
  ];
  return [
    row.fault.padEnd(21),
    row.bound.padEnd(7),
    ...cells.map(([cell, width]) => String(cell).padStart(width)),
  ].join('  ');
}
