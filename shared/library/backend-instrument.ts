import type { Middleware } from '@anthropic-ai/sdk';
import { TrailmeterError } from '../errors/trailmeter-error.ts';
import { getContext } from '../tracking/context.ts';
import type { AnthropicMiddleware, BackendOptions, Instrument } from './options.ts';

/** The app keeps and reports everything; this adds the scope of each call as headers. */
export function createBackendInstrument({ backend: { url, key } }: BackendOptions): Instrument {
  const base = url.replace(/\/+$/, '');
  const withScope: Middleware = (request, next) => {
    for (const [name, value] of scopeHeaders()) request.headers.set(name, value);
    return next(request);
  };
  return {
    anthropic: () => ({
      baseURL: `${base}/anthropic`,
      apiKey: key,
      middleware: [withScope as unknown as AnthropicMiddleware],
    }),
    openai: () => ({
      baseURL: `${base}/openai/v1`,
      apiKey: key,
      fetch: (input, init) => {
        const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
        for (const [name, value] of scopeHeaders()) headers.set(name, value);
        return fetch(input, { ...init, headers });
      },
      maxRetries: 0,
    }),
    async recordKpi(name, id, kpi, score) {
      const answer = await fetch(`${base}/api/kpis`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-functions-key': key, ...callerHeaders() },
        body: JSON.stringify({ useCase: { name, id }, kpis: [{ name: kpi, score }] }),
      });
      if (answer.ok) return void (await answer.body?.cancel());
      const { error, code } = (await answer.json().catch(() => ({}))) as { error?: string; code?: string };
      const text = error ?? `The app answered with status ${answer.status}.`;
      throw new TrailmeterError(code ?? 'kpi_not_recorded', text, { status: answer.status });
    },
    flush: async () => 0,
    close: async () => 0,
  };
}

function callerHeaders(): Record<string, string> {
  const { userId, accountName } = getContext() ?? {};
  return {
    ...(userId !== undefined && { 'x-user-id': userId }),
    ...(accountName !== undefined && { 'x-account-name': accountName }),
  };
}

function scopeHeaders(): [string, string][] {
  const scope = getContext();
  if (!scope) return [];
  const { useCase, useCaseProperties, requestProperties } = scope;
  const json = (properties: Record<string, string>): string | undefined =>
    Object.keys(properties).length === 0 ? undefined : asciiJson(properties);
  const headers = {
    'x-use-case-name': useCase?.name,
    'x-use-case-id': useCase?.id,
    'x-use-case-step': useCase?.step,
    'x-use-case-version': useCase?.version?.toString(),
    'x-use-case-properties': json(useCaseProperties),
    'x-request-properties': json(requestProperties),
    ...callerHeaders(),
  };
  return Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined);
}

/** Headers take no other characters; an escape in JSON does. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
