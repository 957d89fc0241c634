import { startModel } from '../../../../infra/local/model/src/server.ts';
import { startTables } from '../../../../infra/local/tables/src/tables.ts';
import { policySchema } from '../../../../shared/limits/policies/policy.ts';
import { readState } from '../../../../shared/limits/state/change-state.ts';
import type { LimitRow, StateRow } from '../../../../shared/limits/state/limit-rows.ts';
import { openTables } from '../../../../shared/tables/open.ts';
import { toUsd } from '../../../../shared/util/money.ts';
import { type Attacker, startAttacker } from './attacker.ts';
import type { AttackEnds } from './messages.ts';

/** What callers try who know how holds of calls with server tools are worked out. */
export const attacks = ['long-output', 'searches', 'searches-unstreamed'] as const;
export type Attack = (typeof attacks)[number];

export interface AttackScenario {
  attack: Attack;
  processes: number;
  /** Calls at once, over all processes. */
  concurrency: number;
}

export const allAttacks = (): AttackScenario[] =>
  attacks.flatMap((attack) => [1, 4].map((processes) => ({ attack, processes, concurrency: 40 })));

export const shortAttacks: AttackScenario[] = attacks.map((attack) => ({ attack, processes: 4, concurrency: 40 }));

export interface AttackResult extends AttackScenario {
  maxUsd: number;
  /** What all calls cost, the cheap ones before the attack too. */
  settledUsd: number;
  /** settled − max. */
  overshootUsd: number;
  /** The most that it may be. */
  turnUsd: number;
  answered: number;
  refused: number;
  /** Streams that the limit ended. */
  ended: number;
  /** What is wrong in words; empty when nothing is. */
  broken: string[];
}

const MAX_USD = 1;
/** Enough for a bound that follows from them alone. */
const CHEAP_CALLS = 25;
const LIMIT_ID = 'cap:always';
/** The dearest turn of the stand-in: 6,300 tokens of prompt and 42,000 of results, at 2 USD a million. */
const TURN_USD = 0.1;
const SEARCHES = 10;
/** So that the turns of an answer do not come in one piece. */
const EVENT_DELAY_MS = 5;

const cheap = { stream: true, prompt: 'Find trails near Moab', maxTokens: 100 };
const calls: Record<Attack, typeof cheap> = {
  'long-output': { stream: true, prompt: cheap.prompt, maxTokens: 128_000 },
  searches: { stream: true, prompt: `Moab ${'trail '.repeat(3_000)}`, maxTokens: 2_000 },
  'searches-unstreamed': { stream: false, prompt: `Moab ${'trail '.repeat(3_000)}`, maxTokens: 2_000 },
};

/** One attack on a block limit of 1 USD with learned bounds, after cheap calls of the same kind. */
export async function runAttack(scenario: AttackScenario): Promise<AttackResult> {
  const tables = await startTables({ port: 0 });
  const model = await startModel();
  const attackers: Attacker[] = [];
  try {
    const policy = policySchema.parse({ name: 'cap', scope: 'global', window: 'none', maxUsd: MAX_USD, type: 'block' });
    const start = { connection: tables.connectionString, prefix: 'attack', policy, modelUrl: model.url };
    const starting = Array.from({ length: scenario.processes }, () => startAttacker(start));
    for (const attacker of starting) attackers.push(await attacker);
    model.script({ searches: 0, times: CHEAP_CALLS * scenario.processes });
    const before: AttackEnds[] = [];
    for (const attacker of attackers)
      for (let turn = 0; turn < CHEAP_CALLS; turn++) before.push(await attacker.calls({ ...cheap, count: 1 }));
    model.script({ searches: SEARCHES, eventDelayMs: EVENT_DELAY_MS, times: scenario.concurrency });
    const count = Math.ceil(scenario.concurrency / scenario.processes);
    const ends = await Promise.all(attackers.map((one) => one.calls({ ...calls[scenario.attack], count })));
    for (const attacker of attackers) await attacker.close();
    const opened = openTables({ connection: tables.connectionString, prefix: 'attack' });
    const state = await readState(opened.open<LimitRow>('limits'), LIMIT_ID);
    if (!state) throw new Error('No call was counted.');
    return resultOf(scenario, sum(before), sum(ends), state);
  } finally {
    for (const attacker of attackers) attacker.kill();
    await model.close();
    await tables.close();
  }
}

function resultOf(scenario: AttackScenario, before: AttackEnds, attack: AttackEnds, state: StateRow): AttackResult {
  const overshootUsd = toUsd(state.settledNano) - MAX_USD;
  const broken = [...before.failed, ...attack.failed].map((text) => `a call failed: ${text}`);
  if (before.refused > 0) broken.push(`${before.refused} cheap calls were refused`);
  if (overshootUsd > TURN_USD) broken.push('more than one turn was spent beyond the limit');
  if (state.settledNano !== before.spent + attack.spent)
    broken.push('the tables count something else than the events say');
  if (state.heldNano !== 0n) broken.push(`${toUsd(state.heldNano)} USD are still held`);
  return {
    ...scenario,
    maxUsd: MAX_USD,
    settledUsd: toUsd(state.settledNano),
    overshootUsd,
    turnUsd: TURN_USD,
    answered: attack.answered,
    refused: attack.refused,
    ended: attack.ended,
    broken,
  };
}

const sum = (ends: AttackEnds[]): AttackEnds =>
  ends.reduce((total, one) => ({
    answered: total.answered + one.answered,
    refused: total.refused + one.refused,
    ended: total.ended + one.ended,
    failed: [...total.failed, ...one.failed],
    spent: total.spent + one.spent,
  }));
