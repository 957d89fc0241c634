import type { HttpRequest } from '@azure/functions';
import { type HttpAnswer, json } from '../../http/answer.ts';
import type { AdmittingRoute } from '../../identity/identity.ts';
import { refuseModels } from '../../identity/keys/key-grant.ts';
import { identifyAtGateway } from '../admission.ts';
import { checkedAnswer } from '../ask-provider.ts';
import type { GatewayServices } from '../gateway.ts';
import { pathText } from '../path-text.ts';
import { readProviderList } from '../provider-answer.ts';
import { answerOfProvider } from './answer.ts';
import { pageOf, readPaging } from './paging.ts';
import { anthropicProvider } from './upstream.ts';

/** The provider's largest page, which has all of its models. */
const ALL_MODELS = '?limit=1000';

/** The provider's models, or those of them that the caller's access key lists. */
export async function passModels(
  request: HttpRequest,
  services: GatewayServices,
  requestId: string,
  route: AdmittingRoute,
): Promise<HttpAnswer> {
  const { key } = await identifyAtGateway(request, services, route);
  const provider = anthropicProvider(request, services.settings);
  const { models } = key ?? {};
  if (!models) return answerOfProvider(await provider('/v1/models'), {}, requestId);
  const paging = readPaging(new URL(request.url).searchParams);
  const answer = checkedAnswer(await provider('/v1/models', { query: ALL_MODELS }));
  if (!answer.ok) return answerOfProvider(answer, {}, requestId);
  const allowed = (await readProviderList(answer)).filter(({ id }) => models.includes(String(id)));
  return json(
    200,
    pageOf(allowed, ({ id }) => String(id), paging),
    { 'request-id': requestId },
  );
}

/** One model, by any id that the provider takes. */
export async function passModel(
  request: HttpRequest,
  services: GatewayServices,
  requestId: string,
  route: AdmittingRoute,
): Promise<HttpAnswer> {
  const { key } = await identifyAtGateway(request, services, route);
  const model = pathText(request, 'model');
  refuseModels(key, [model]);
  const provider = anthropicProvider(request, services.settings);
  return answerOfProvider(await provider(`/v1/models/${encodeURIComponent(model)}`), {}, requestId);
}
