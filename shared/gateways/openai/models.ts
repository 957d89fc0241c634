import type { HttpRequest } from '@azure/functions';
import type { Settings } from '../../config/settings.ts';
import { type HttpAnswer, json } from '../../http/answer.ts';
import type { AdmittingRoute } from '../../identity/identity.ts';
import { refuseModels } from '../../identity/keys/key-grant.ts';
import { identifyAtGateway } from '../admission.ts';
import { askWithin, checkedAnswer } from '../ask-provider.ts';
import type { GatewayServices } from '../gateway.ts';
import { passAnswer } from '../pass-answer.ts';
import { pathText } from '../path-text.ts';
import { readProviderList } from '../provider-answer.ts';
import { chatErrorEvent } from './errors.ts';
import {
  azureDeployments,
  listedUpstreams,
  openAiAnswerHeaders,
  openAiRequestHeaders,
  upstreamOf,
} from './upstream.ts';

/** The models of all providers that have a key, and Azure's deployments; with an access key that lists models, those. */
export async function passOpenAiModels(
  request: HttpRequest,
  services: GatewayServices,
  requestId: string,
  route: AdmittingRoute,
): Promise<HttpAnswer> {
  const { settings } = services;
  const { key } = await identifyAtGateway(request, services, route);
  const ask = askWithin(settings.MODEL_DEADLINE_MS);
  const answers = await Promise.all(
    listedUpstreams(settings).map(async (upstream) =>
      checkedAnswer(
        await ask(`${upstream.baseUrl}/models`, { headers: await openAiRequestHeaders(request.headers, upstream) }),
      ),
    ),
  );
  // A list without the models of a provider that failed would look like a whole one.
  const failed = answers.find(({ ok }) => !ok);
  if (failed) return passed(failed, requestId);
  const lists = await Promise.all(answers.map(readProviderList));
  const models: { id?: unknown }[] = [...deploymentsOf(settings), ...lists.flat()];
  const allowed = models.filter(({ id }) => key?.models?.includes(String(id)) ?? true);
  return json(200, { object: 'list', data: allowed });
}

/** One model. */
export async function passOpenAiModel(
  request: HttpRequest,
  services: GatewayServices,
  requestId: string,
  route: AdmittingRoute,
): Promise<HttpAnswer> {
  const { settings } = services;
  const { key } = await identifyAtGateway(request, services, route);
  const model = pathText(request, 'model');
  refuseModels(key, [model]);
  const deployment = deploymentsOf(settings).find(({ id }) => id === model);
  if (deployment) return json(200, deployment);
  const upstream = upstreamOf(model, settings);
  const ask = askWithin(settings.MODEL_DEADLINE_MS);
  const headers = await openAiRequestHeaders(request.headers, upstream);
  return passed(await ask(`${upstream.baseUrl}/models/${encodeURIComponent(model)}`, { headers }), requestId);
}

const passed = (answer: Response, requestId: string): Promise<HttpAnswer> =>
  passAnswer(answer, openAiAnswerHeaders(answer.headers), { errorEvent: chatErrorEvent(requestId) });

/** Azure lists what could be deployed, not what is: the settings know. When a deployment was made is not known here. */
const deploymentsOf = (settings: Settings) =>
  azureDeployments(settings).map((id) => ({ id, object: 'model', created: 0, owned_by: 'azure-openai' }));
