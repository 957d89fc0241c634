import { TrailmeterError } from '../errors/trailmeter-error.ts';
import { createMemoryGate } from '../limits/gate/memory-gate.ts';
import { policySchema } from '../limits/policies/policy.ts';
import { createPayiClient } from '../payi/client.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { tracked } from '../tracking/tracked.ts';
import { trackedFetch } from '../tracking/tracked-fetch.ts';
import { systemClock } from '../util/clock.ts';
import { uuidV7 } from '../util/ids.ts';
import { createDirectPublisher } from './direct-publisher.ts';
import type { AnthropicMiddleware, DirectOptions, Instrument } from './options.ts';
import { PAYI_URL } from './payi-url.ts';

const TIMEOUT_MS = 10_000;
const FLUSH_MS = 10_000;

/** @throws TrailmeterError `invalid_settings` naming the limit that is not valid */
export function createDirectInstrument(options: DirectOptions): Instrument {
  const { apiKey, baseUrl = PAYI_URL, timeoutMs = TIMEOUT_MS, dialect = 'live', limits = [], log } = options;
  const clock = systemClock;
  const telemetry: Telemetry = {
    info: () => undefined,
    warn: (event, fields = {}) => log?.('warn', event, fields),
    error: (event, fields = {}) => log?.('error', event, fields),
    count: () => undefined,
    measure: () => undefined,
  };
  const policies = limits.map((limit) => {
    const policy = policySchema.safeParse(limit);
    if (policy.success) return policy.data;
    const [issue] = policy.error.issues;
    const where = `limits.${limit.name}.${issue?.path.join('.') ?? ''}`;
    throw new TrailmeterError('invalid_settings', `The option ${where} is not valid: ${issue?.message ?? ''}.`);
  });
  const payi = createPayiClient({ apiKey, baseUrl, timeoutMs, dialect });
  const publisher = createDirectPublisher({ payi, dialect, clock, telemetry });
  const metering = { gate: createMemoryGate(policies, clock), publisher, clock, telemetry };
  return {
    anthropic: (category) => ({
      middleware: [
        tracked({ ...metering, ...(category !== undefined && { category }) }) as unknown as AnthropicMiddleware,
      ],
    }),
    openai: (category = 'system.openai') => ({
      fetch: answeringErrors(trackedFetch(metering, category)),
      maxRetries: 0,
    }),
    async recordKpi(name, id, kpi, score) {
      const nowMs = clock.now();
      const facts = {
        schemaVersion: 1,
        kind: 'kpi',
        eventId: uuidV7(nowMs),
        occurredAt: new Date(nowMs).toISOString(),
      } as const;
      await publisher.publish({ ...facts, useCase: { name, id }, kpis: [{ name: kpi, score }] });
    },
    flush: (withinMs = FLUSH_MS) => publisher.flush(withinMs),
    async close(withinMs = FLUSH_MS) {
      const left = await publisher.flush(withinMs);
      publisher.end();
      return left;
    },
  };
}

/** The OpenAI SDK shows an error that its `fetch` throws as a lost connection: it gets ours as an answer. */
function answeringErrors(inner: typeof fetch): typeof fetch {
  return async (input, init) => {
    try {
      return await inner(input, init);
    } catch (error) {
      if (!(error instanceof TrailmeterError)) throw error;
      const { code, message, status, details } = error;
      const body = { error: { message, type: 'invalid_request_error', param: null, code, details } };
      return Response.json(body, { status, headers: { 'x-should-retry': 'false' } });
    }
  };
}
