import { TrailmeterError } from '../../../shared/errors/trailmeter-error.ts';
import type { HoldRequest } from '../../../shared/limits/gate/gate.ts';
import type { LimitService } from '../../../shared/limits/limit-service.ts';
import type { Policy } from '../../../shared/limits/policies/policy.ts';
import { type CallAmounts, fromFigure } from '../../../shared/limits/policies/units.ts';
import { uuidV7 } from '../../../shared/util/ids.ts';
import { fromUsd } from '../../../shared/util/money.ts';
import { costing, toolsCosting } from '../../support/amounts.ts';
import { AgingClock } from './aging-clock.ts';
import type { FromProcess, ToProcess } from './messages.ts';
import { openLimits } from './open-limits.ts';

/** One process of the app as far as limits go: holds, calls the model (its parent), settles. */
const clock = new AgingClock();
let limits: LimitService | undefined;
let unit: Policy['unit'] = 'usd';
/** Calls that wait for the model. */
const waiting = new Map<number, (actual: bigint) => void>();

process.on('message', async (message: ToProcess) => {
  switch (message.kind) {
    case 'start':
      clock.leap(message.ageMs);
      unit = message.policy.unit;
      limits = openLimits({ ...message, policies: [message.policy], clock });
      return say({ kind: 'ready' });
    case 'call':
      return say(await call(message));
    case 'answer':
      waiting.get(message.id)?.(message.actual);
      waiting.delete(message.id);
      return;
    case 'reload':
      // Where the tables fail, the next look of the process does it.
      return limits?.policies.read().catch(() => undefined);
    case 'leap':
      return clock.leap(message.ms);
    case 'close':
      await limits?.close();
      process.disconnect();
  }
});
process.on('disconnect', () => process.exit(0));

/** What a call takes in the unit of the limit. */
const amountsOfCall = (amount: bigint): CallAmounts =>
  unit === 'tokens' ? { ...costing(0n), inputTokens: amount } : costing(unit === 'usd' ? amount : 0n);

async function call({ id, bound, forms = [], learnedKey }: ToProcess & { kind: 'call' }): Promise<FromProcess> {
  if (!limits) throw new Error('Not started yet.');
  const askedAt = process.hrtime.bigint();
  try {
    const request = (amount: bigint): HoldRequest => ({
      useCaseName: 'trail_finder',
      occurredAtMs: clock.now(),
      bound: amountsOfCall(amount),
      eventId: uuidV7(clock.now()),
      category: 'system.anthropic',
      resource: 'claude-sonnet-5-5',
      useCaseId: 'instance',
    });
    const hold = await limits.gate.hold({
      ...request(bound),
      cheaper: () => forms.map(request),
      ...(learnedKey !== undefined && {
        serverTools: { kind: learnedKey, certain: costing(0n), turn: toolsCosting(fromUsd(0.01)), isStream: true },
      }),
    });
    const heldAt = process.hrtime.bigint();
    const answered = new Promise<bigint>((resolve) => waiting.set(id, resolve));
    say({
      kind: 'model',
      id,
      heldAt,
      held: unit === 'usd' ? hold.heldNanoUsd : bound,
      ownerId: hold.id.split('.')[0] ?? '',
      place: hold.fellBack?.place,
    });
    const actual = await answered;
    const settledAt = process.hrtime.bigint();
    await hold.settle(amountsOfCall(actual), 'succeeded', learnedKey === undefined ? undefined : toolsCosting(actual));
    return { kind: 'settled', id, settledAt };
  } catch (error) {
    if (!(error instanceof TrailmeterError)) throw error;
    if (error.code === 'limit_reached') {
      const needed = fromFigure(unit, Number(error.details?.[unit === 'usd' ? 'neededUsd' : 'needed']));
      return { kind: 'refused', id, askedAt, refusedAt: process.hrtime.bigint(), needed };
    }
    if (error.code === 'limits_unreadable') return { kind: 'unreadable', id };
    throw error;
  }
}

function say(message: FromProcess): void {
  process.send?.(message);
}
