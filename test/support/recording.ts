import type { Outcome, TrackedEvent, UsageEvent } from '../../shared/events/usage-event.ts';
import { usageEventSchema } from '../../shared/events/usage-event.ts';
import type { Gate, HoldRequest } from '../../shared/limits/gate/gate.ts';
import type { CallUse } from '../../shared/limits/policies/units.ts';
import type { Fields, Telemetry } from '../../shared/telemetry/telemetry.ts';

export interface Settlement {
  holdId: string;
  actualNanoUsd: bigint | null;
  outcome: Outcome;
}

/** A gate, a publisher and telemetry that keep what they were told, in one order. */
export function recording() {
  const holds: HoldRequest[] = [];
  const settlements: Settlement[] = [];
  const uses: (CallUse | null)[] = [];
  const covered: bigint[] = [];
  const events: UsageEvent[] = [];
  const lines: { level: string; event: string; fields: Fields }[] = [];
  const order: string[] = [];
  const behaviour = {
    refuse: undefined as Error | undefined,
    cover: async (_toolsNanoUsd: bigint): Promise<void> => {},
    publish: async (_event: TrackedEvent): Promise<void> => {},
  };

  const gate: Gate = {
    async hold(request) {
      if (behaviour.refuse) throw behaviour.refuse;
      holds.push(request);
      order.push('hold');
      const id = `hold-${holds.length}`;
      return {
        id,
        limitIds: ['daily-budget:2026-11-23'],
        heldNanoUsd: request.bound.nanoUsd,
        warnings: [],
        async cover({ nanoUsd }) {
          await behaviour.cover(nanoUsd);
          covered.push(nanoUsd);
          order.push('cover');
        },
        async settle(use, outcome) {
          order.push('settle');
          uses.push(use);
          settlements.push({ holdId: id, actualNanoUsd: use?.nanoUsd ?? null, outcome });
        },
      };
    },
  };
  const publisher = {
    async publish(event: TrackedEvent) {
      await behaviour.publish(event);
      events.push(usageEventSchema.parse(event));
      order.push('event');
      return 'queued' as const;
    },
    close: async () => {},
  };
  const line =
    (level: string) =>
    (event: string, fields: Fields = {}) =>
      void lines.push({ level, event, fields });
  const telemetry: Telemetry = {
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    count: (metric) => line('count')(metric),
    measure: (metric, value) => line('measure')(metric, { value }),
  };
  return { gate, publisher, telemetry, holds, covered, settlements, uses, events, lines, order, behaviour };
}

/** Waits until `condition` holds. */
export async function until(condition: () => boolean): Promise<void> {
  const givesUpAt = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > givesUpAt) throw new Error('It never came to be.');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
