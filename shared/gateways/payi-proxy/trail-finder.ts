import type { HttpAnswer } from '../../http/answer.ts';
import { resolveModel } from '../../model/clients/aliases.ts';
import { useCases } from '../../use-cases/use-cases.ts';
import type { TrailFinderBody } from './bodies.ts';
import { textOf } from './model-text.ts';
import { type ProxyRequest, type ProxyServices, runProxied } from './run.ts';

/** Served by every provider, and brings no code container. */
const webSearch = { type: 'web_search_20250305', name: 'web_search', max_uses: 10 } as const;

/** `POST /trail-finder`: a prompt, answered with web search. */
export function proxyTrailFinder(
  { body, attribution }: ProxyRequest<TrailFinderBody>,
  services: ProxyServices,
): Promise<HttpAnswer> {
  const track = {
    ...attribution,
    useCaseName: body.use_case_name ?? useCases.finder.name,
    ...(body.use_case_version !== null && { useCaseVersion: body.use_case_version }),
    useCaseProperties: body.use_case_properties ?? {},
    requestProperties: body.request_properties ?? {},
  };
  const params = {
    model: resolveModel(body.model, services.settings.MODEL_ALIASES),
    max_tokens: body.max_tokens,
    tools: [webSearch],
    messages: [{ role: 'user' as const, content: body.prompt }],
  };
  return runProxied(services, track, body.model, (signal) => textOf(services.anthropic, params, signal));
}
