import { systemClock } from '../../../shared/clock.ts';
import { createAnthropic } from '../../../shared/model/anthropic.ts';
import { trackContext } from '../../../shared/tracking/context.ts';
import { tracked } from '../../../shared/tracking/tracked.ts';
import type { TrackedEvent } from '../../../shared/tracking/usage-event.ts';
import { callWith, compare, type Mode } from './compare.ts';

/** Child process: the tracked client against the bare one. Arguments: base URL, mode. Gate and publisher are in memory. */
const [baseUrl = '', mode = 'create'] = process.argv.slice(2);
const events: TrackedEvent[] = [];
let holds = 0;
const nothing = () => undefined;
const middleware = tracked({
  clock: systemClock,
  telemetry: { info: nothing, warn: nothing, error: nothing, count: nothing, measure: nothing },
  publisher: {
    publish: async (event) => {
      events.push(event);
      if (events.length > 100) events.length = 0;
      return 'queued';
    },
    close: async () => {},
  },
  gate: {
    hold: async ({ boundNanoUsd }) => ({
      id: String(++holds),
      limitIds: ['daily-budget:2026-11-23', 'user-daily:sam:2026-11-23'],
      heldNanoUsd: boundNanoUsd,
      warnings: [],
      settle: async () => {},
    }),
  },
});
const bare = callWith(createAnthropic({ apiKey: 'local', baseUrl }), mode as Mode);
const call = callWith(createAnthropic({ apiKey: 'local', baseUrl, middleware: [middleware] }), mode as Mode);
const result = await compare(bare, () => trackContext({ useCaseName: 'trail_finder', userId: 'sam' }, () => call()));
console.log(JSON.stringify(result));
