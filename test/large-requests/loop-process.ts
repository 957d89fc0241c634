import { monitorEventLoopDelay } from 'node:perf_hooks';
import { passMessageRoute } from '../../shared/api/gateways/anthropic.ts';
import { passChatCompletionRoute } from '../../shared/api/gateways/openai.ts';
import { anthropicFailure } from '../../shared/gateways/anthropic/errors.ts';
import { createFileOwners } from '../../shared/gateways/anthropic/files/file-owners.ts';
import { passMessage } from '../../shared/gateways/anthropic/messages.ts';
import { gateway } from '../../shared/gateways/gateway.ts';
import { passChatCompletion } from '../../shared/gateways/openai/chat-completions.ts';
import { openAiFailure } from '../../shared/gateways/openai/errors.ts';
import { createRequestReader } from '../../shared/gateways/reading/request-reader.ts';
import { createRequestMemory } from '../../shared/http/memory/request-memory.ts';
import type { Gate } from '../../shared/limits/gate/gate.ts';
import { createMeter } from '../../shared/tracking/meter.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { gatewaySettings, serve } from '../gateways/serve.ts';
import { noKeys } from '../support/keys.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { noRates } from '../support/no-rates.ts';
import { recording } from '../support/recording.ts';

/** In ms; how often the watch looks. */
const RESOLUTION_MS = 5;

/** The gateways in a process of their own, whose event loop nothing else uses. Answers each message with the longest hold since the last. */
process.once('message', async ({ provider }: { provider: string }) => {
  const settings = gatewaySettings({
    ANTHROPIC_BASE_URL: provider,
    OPENAI_BASE_URL: provider,
    OPENAI_API_KEY: 'provider-secret',
    REQUEST_MEMORY_MB: '512',
  });
  const memory = createRequestMemory(settings, systemClock);
  const requestReader = createRequestReader();
  const fileOwners = createFileOwners(new MemoryTables());
  const services = () => {
    const record = recording();
    // As near a limit: the exact bound is asked for too.
    const gate: Gate = {
      async hold(request) {
        await request.exactBound?.();
        return record.gate.hold(request);
      },
    };
    const meter = createMeter({ ...record, gate, clock: systemClock });
    return {
      settings,
      telemetry: record.telemetry,
      meter,
      memory,
      requestReader,
      fileOwners,
      keys: noKeys,
      rateLimits: noRates,
    };
  };
  const { url } = await serve([
    {
      method: 'POST',
      path: /^\/anthropic\//,
      handler: gateway({ services, route: passMessageRoute, failure: anthropicFailure }, passMessage),
    },
    {
      method: 'POST',
      path: /^\/openai\//,
      handler: gateway({ services, route: passChatCompletionRoute, failure: openAiFailure }, passChatCompletion),
    },
  ]);
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  process.on('message', () => {
    process.send?.({ longestMs: Math.round(delay.max / 1e6) });
    delay.reset();
  });
  process.send?.({ url });
});
