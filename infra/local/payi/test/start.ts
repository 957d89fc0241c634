import { afterEach } from 'vitest';
import { createPayiClient, type PayiClient } from '../../../../shared/payi/client.ts';
import { spellings } from '../../../../shared/payi/dialect/dialect.ts';
import type { IngestItem } from '../../../../shared/payi/ingest/item.ts';
import type { PayiError } from '../../../../shared/payi/transport/error.ts';
import { type PayiStandin, type StartPayiOptions, startPayi } from '../src/server.ts';

const standing: PayiStandin[] = [];

afterEach(async () => {
  await Promise.all(standing.splice(0).map((payi) => payi.close()));
});

/** A stand-in that ends with its test, and a client of it. */
export async function start(options: StartPayiOptions = {}, timeoutMs = 60_000) {
  const standin = await startPayi(options);
  standing.push(standin);
  const { dialect = 'live' } = options;
  const payi: PayiClient = createPayiClient({ baseUrl: standin.url, apiKey: 'key', timeoutMs, dialect });
  /** Any request, as it is. */
  const raw = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(`${standin.url}${path}`, {
      method,
      headers: { ...spellings[dialect].authorization('key'), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return { standin, payi, raw };
}

/** 1,000 tokens in and 100 out of Sonnet 5.5: 0.003 USD. */
export const item = (id: string, more: Partial<IngestItem> = {}): IngestItem => ({
  category: 'system.anthropic',
  resource: 'claude-sonnet-5-5',
  units: { text: { input: 1000, output: 100 } },
  provider_response_id: id,
  use_case_name: 'trail_finder',
  use_case_id: `run-${id}`,
  ...more,
});

/** What a call rejected with. */
export async function refusal(call: Promise<unknown>): Promise<PayiError> {
  return call.then(
    (value) => {
      throw new Error(`Expected a refusal, got ${JSON.stringify(value)}`);
    },
    (error: PayiError) => error,
  );
}
