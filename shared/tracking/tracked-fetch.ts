import { chatDialect, type Dialect, embeddingsDialect, responsesDialect } from '../model/dialect.ts';
import { endpointSurcharge } from '../model/platforms/surcharge.ts';
import { inForm } from '../model/request/form-members.ts';
import type { RequestShape } from '../model/request/request-shape.ts';
import { isRecord } from '../util/json/record.ts';
import { attemptNumber } from './attempt-number.ts';
import { createMeter, type MeterOptions } from './meter.ts';

/**
 * A `fetch` for the OpenAI SDK that tracks chat completions, responses and embeddings as `tracked` does messages. Give the client
 * `maxRetries: 0`: it takes whatever a `fetch` throws for a lost connection, a limit's refusal too, and tells nothing of a call that
 * lasts over attempts.
 */
export function trackedFetch(options: MeterOptions, category: string): typeof fetch {
  const meter = createMeter(options);
  const dialects: Dialect[] = [chatDialect(category), responsesDialect(category), embeddingsDialect(category)];

  return async (input, init) => {
    const request = input instanceof Request ? input : undefined;
    const url = new URL(request?.url ?? String(input));
    const body = init?.body;
    const dialect = dialects.find(({ meters }) => meters(init?.method ?? 'GET', url.pathname));
    if (!dialect || typeof body !== 'string') return fetch(input, init);
    const given: unknown = JSON.parse(body);
    const priced = (shape: RequestShape) => ({ ...shape, surcharge: endpointSurcharge(category, url, shape) });
    return meter.attempt(meter.open(priced(dialect.readRequest(given))), {
      dialect,
      number: attemptNumber(new Headers(init?.headers)),
      providerUri: url.origin + url.pathname.replace(/\/(chat\/completions|responses|embeddings)$/, ''),
      changes: { valueAt: (name) => (isRecord(given) ? given[name] : undefined), priced },
      send: (members) => fetch(input, members ? { ...init, body: JSON.stringify(inForm(given, members)) } : init),
      // The SDK's one signal stands for the caller's abort and for its own time-out alike.
      isAborted: () => false,
      repeatsWithinMs: () => 0,
    });
  };
}
