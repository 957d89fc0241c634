import type { CommandArguments, CommandResult, Output } from '../../../infra/cli/command.ts';
import {
  type AttackResult,
  type AttackScenario,
  allAttacks,
  attacks,
  runAttack,
  shortAttacks,
} from './attack/run-attack.ts';
import { runLimitMatrix } from './matrix.ts';
import { allScenarios, type LimitScenario, limitFaults, shortScenarios } from './rows.ts';
import type { LimitRowResult } from './run-row.ts';

/**
 * `npm run faults -- limits`: `--only FAULT` one kind of rows or one attack, `--short` a quick run. Not ok when a limit was
 * overshot by more than stated.
 */
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
  const attackScenarios = (short ? shortAttacks : allAttacks()).filter(
    ({ attack }) => only === undefined || attack === only,
  );
  if (scenarios.length + attackScenarios.length === 0)
    throw new Error(`No fault "${String(only)}". There are: ${[...limitFaults, ...attacks].join(', ')}.`);
  const rows = scenarios.length > 0 ? await runFaults(scenarios, short, output, signal) : [];
  const attacked = attackScenarios.length > 0 ? await runAttacks(attackScenarios, output, signal) : [];
  return { ok: [...rows, ...attacked].every(({ broken }) => broken.length === 0), rows, attacks: attacked };
}

async function runFaults(
  scenarios: LimitScenario[],
  short: boolean,
  output: Output,
  signal: AbortSignal,
): Promise<LimitRowResult[]> {
  output.say(
    'fault                  bound    unit      type       processes  at once      settled      overshoot      stated  refused  fell back  approved  with room  of lost room  beside room  503  kills      abandoned',
  );
  return runLimitMatrix(scenarios, {
    kills: short ? 1 : 2,
    random: Math.random,
    signal,
    row: (row) => {
      output.say(line(row));
      for (const what of row.broken) output.say(`  broken: ${what}`);
    },
    progress: (text) => output.progress(`  ${text}`),
  });
}

async function runAttacks(scenarios: AttackScenario[], output: Output, signal: AbortSignal): Promise<AttackResult[]> {
  output.say('attack               processes  at once  settled USD  overshoot USD  turn USD  answered  refused  ended');
  const rows: AttackResult[] = [];
  for (const scenario of scenarios) {
    signal.throwIfAborted();
    output.progress(`  ${scenario.attack}, ${scenario.concurrency} at once over ${scenario.processes} …`);
    const row = await runAttack(scenario);
    rows.push(row);
    const cells: [string | number, number][] = [
      [row.processes, 9],
      [row.concurrency, 7],
      [row.settledUsd.toFixed(4), 11],
      [row.overshootUsd.toFixed(4), 13],
      [row.turnUsd.toFixed(4), 8],
      [row.answered, 8],
      [row.refused, 7],
      [row.ended, 5],
    ];
    output.say([row.attack.padEnd(19), ...cells.map(([cell, width]) => String(cell).padStart(width))].join('  '));
    for (const what of row.broken) output.say(`  broken: ${what}`);
  }
  return rows;
}

function line(row: LimitRowResult): string {
  const figure = (amount: number) => (row.unit === 'usd' ? amount.toFixed(4) : String(amount));
  const cells: [string | number, number][] = [
    [row.processes, 9],
    [row.concurrency, 7],
    [figure(row.settled), 11],
    [figure(row.overshoot), 13],
    [figure(row.stated), 10],
    [row.refused, 7],
    [row.fellBack, 9],
    [row.approved, 8],
    [row.refusedWithRoom, 9],
    [row.refusedForLostRoom, 12],
    [row.refusedBesideRoom, 11],
    [row.unreadable, 3],
    [row.kills, 5],
    [figure(row.abandoned), 13],
  ];
  return [
    row.fault.padEnd(21),
    row.bound.padEnd(7),
    row.unit.padEnd(8),
    row.type.padEnd(9),
    ...cells.map(([cell, width]) => String(cell).padStart(width)),
  ].join('  ');
}
