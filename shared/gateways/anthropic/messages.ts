import type { HttpRequest } from '@azure/functions';
import type { HttpAnswer } from '../../http/answer.ts';
import type { RequestMemory } from '../../http/memory/request-memory.ts';
import type { AdmittingRoute } from '../../identity/identity.ts';
import { messagesDialect } from '../../model/dialect.ts';
import { claudePlatform } from '../../model/platforms/claude-platform.ts';
import { readTokenCount } from '../../model/request/count-tokens.ts';
import type { RequestShape } from '../../model/request/request-shape.ts';
import { admitRate } from '../../rate-limits/admit-rate.ts';
import { attemptNumber } from '../../tracking/attempt-number.ts';
import { trackContext } from '../../tracking/context.ts';
import type { Meter } from '../../tracking/meter.ts';
import { editedBody } from '../../util/bytes/body-edit.ts';
import { identifyAtGateway } from '../admission.ts';
import { attributionOf } from '../attribution.ts';
import { costComment, outcomeHeaders } from '../call-outcome.ts';
import type { GatewayServices } from '../gateway.ts';
import { withProviderBody } from '../provider-body.ts';
import { formEdits, memberOf } from '../reading/changeable-body.ts';
import type { RequestReader } from '../reading/request-reader.ts';
import { anthropicUseCase } from '../use-case-name.ts';
import { answerOfProvider } from './answer.ts';
import { countedBody } from './counted-body.ts';
import { type FileOwners, refuseFiles } from './files/file-owners.ts';
import { anthropicProvider } from './upstream.ts';

/** What counting tokens needs. */
export interface CountingServices extends GatewayServices {
  memory: RequestMemory;
  requestReader: RequestReader;
  fileOwners: FileOwners;
}

export interface AnthropicGatewayServices extends CountingServices {
  meter: Meter;
}

/**
 * One call of the Messages API, JSON or events: the provider gets the body byte for byte and the client gets the answer byte
 * for byte. Between them it is attributed, limited and metered like any other call.
 */
export async function passMessage(
  request: HttpRequest,
  services: AnthropicGatewayServices,
  requestId: string,
  route: AdmittingRoute,
): Promise<HttpAnswer> {
  const { settings, meter, requestReader } = services;
  const caller = await identifyAtGateway(request, services, route);
  admitRate(services.rateLimits, caller);
  const track = attributionOf(request.headers, caller, settings, anthropicUseCase);
  return withProviderBody(request, services, async (given) => {
    const betas = request.headers.get('anthropic-beta');
    const { shape, counted, changeable, fileIds, bytes } = await requestReader.read('messages', given, { betas });
    await refuseFiles(fileIds, caller, services);
    const platform = claudePlatform(settings);
    const provider = anthropicProvider(request, settings);
    const { call, answer } = await trackContext(track, async () => {
      const priced = (of: RequestShape) => ({ ...of, surcharge: platform.surchargeOf(of) });
      const call = meter.open(priced(shape));
      const answer = await meter.attempt(call, {
        dialect: messagesDialect(platform.category),
        number: attemptNumber(request.headers),
        providerUri: platform.baseUrl,
        changes: { valueAt: (name) => memberOf(bytes, changeable, name), priced },
        send: (members) => provider('/v1/messages', { body: editedBody(bytes, formEdits(changeable, members)) }),
        countTokens: async (members) =>
          readTokenCount(await provider('/v1/messages/count_tokens', { body: countedBody(bytes, counted, members) })),
        isAborted: () => false,
        repeatsWithinMs: () => 0,
      });
      return { call, answer };
    });
    return answerOfProvider(answer, outcomeHeaders(call), requestId, costComment(request.headers, call));
  });
}

/** Counting is free: admitted, then passed. */
export async function passTokenCount(
  request: HttpRequest,
  services: CountingServices,
  requestId: string,
  route: AdmittingRoute,
): Promise<HttpAnswer> {
  const caller = await identifyAtGateway(request, services, route);
  const { settings, requestReader } = services;
  return withProviderBody(request, services, async (given) => {
    const { fileIds, bytes } = settings.ANTHROPIC_FILES
      ? await requestReader.read('messages', given)
      : { fileIds: [], bytes: given };
    await refuseFiles(fileIds, caller, services);
    const answer = await anthropicProvider(request, settings)('/v1/messages/count_tokens', { body: [bytes] });
    return answerOfProvider(answer, {}, requestId);
  });
}
