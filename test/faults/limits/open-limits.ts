import type { TrackedEvent } from '../../../shared/events/usage-event.ts';
import { createLimits, type LimitService } from '../../../shared/limits/limit-service.ts';
import type { Policy } from '../../../shared/limits/policies/policy.ts';
import { createPayiClient } from '../../../shared/payi/client.ts';
import { openTables } from '../../../shared/tables/open.ts';
import type { Telemetry } from '../../../shared/telemetry/telemetry.ts';
import type { Clock } from '../../../shared/util/clock.ts';

const quiet: Telemetry = { info() {}, warn() {}, error() {}, count() {}, measure() {} };

export interface OpenLimitsOptions {
  connection: string;
  prefix: string;
  policies: Policy[];
  clock: Clock;
  /** Gets the events of calls whose process died. */
  published?: (event: TrackedEvent) => void;
}

/** The limits as the app has them, without Pay-i: the gate does not ask it. */
export function openLimits({ connection, prefix, policies, clock, published }: OpenLimitsOptions): LimitService {
  return createLimits({
    tables: openTables({ connection, prefix, clock }),
    policies,
    payi: createPayiClient({ baseUrl: 'http://127.0.0.1:9', apiKey: 'none', timeoutMs: 1_000 }).limits,
    publisher: {
      publish: async (event) => {
        published?.(event);
        return 'queued';
      },
      close: async () => undefined,
    },
    clock,
    telemetry: quiet,
  });
}
