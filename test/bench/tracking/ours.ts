import Anthropic from '@anthropic-ai/sdk';
import { createServices } from '../../../functions/services/services.ts';
import { decodeSettings } from '../../../shared/config/decode.ts';
import type { HoldRequest } from '../../../shared/limits/gate/gate.ts';
import { createAnthropic } from '../../../shared/model/clients/anthropic.ts';
import { trackContext } from '../../../shared/tracking/context.ts';
import { tracked } from '../../../shared/tracking/tracked.ts';
import { systemClock } from '../../../shared/util/clock.ts';
import { type CallOnce, callWith, type Mode, serveBlocks } from './serve-blocks.ts';

/** Child process. Arguments: base URL, mode, and which: `bare`, `context`, `alone` or `delivered`, with the app's settings in JSON. */
const [baseUrl = '', mode = 'create', which = 'bare', settings = '{}'] = process.argv.slice(2);
const inContext =
  (call: CallOnce): CallOnce =>
  () =>
    trackContext({ useCaseName: 'trail_finder', userId: 'sam' }, call);

if (which === 'bare' || which === 'context') {
  const call = callWith(new Anthropic({ apiKey: 'local', baseURL: baseUrl, openTelemetry: false }), mode as Mode);
  await serveBlocks(which === 'bare' ? call : inContext(call));
} else if (which === 'alone') {
  const client = createAnthropic({ apiKey: 'local', baseUrl, middleware: [tracked(inMemory())] });
  await serveBlocks(inContext(callWith(client, mode as Mode)));
} else {
  const services = createServices(decodeSettings(JSON.parse(settings) as Record<string, string>));
  const end = () => services.close();
  await serveBlocks(inContext(callWith(await services.anthropic(), mode as Mode)), async () => {}, end);
}

/** A gate that always has room and a publisher that is done at once. */
function inMemory() {
  let holds = 0;
  const nothing = () => undefined;
  return {
    clock: systemClock,
    telemetry: { info: nothing, warn: nothing, error: nothing, count: nothing, measure: nothing },
    publisher: { publish: async () => 'queued' as const, close: async () => {} },
    gate: {
      hold: async ({ bound }: HoldRequest) => ({
        id: String(++holds),
        limitIds: ['daily-budget:2026-11-23', 'user-daily:sam:2026-11-23'],
        heldNanoUsd: bound.nanoUsd,
        warnings: [],
        cover: async () => {},
        settle: async () => {},
      }),
    },
  };
}
