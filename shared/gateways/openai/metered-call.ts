import type { HttpRequest } from '@azure/functions';
import type { HttpAnswer } from '../../http/answer.ts';
import type { RequestMemory } from '../../http/memory/request-memory.ts';
import type { AdmittingRoute } from '../../identity/identity.ts';
import type { Dialect } from '../../model/dialect.ts';
import type { FormMembers } from '../../model/request/form-members.ts';
import { admitRate } from '../../rate-limits/admit-rate.ts';
import { attemptNumber } from '../../tracking/attempt-number.ts';
import type { TrackedCall } from '../../tracking/call.ts';
import { trackContext } from '../../tracking/context.ts';
import type { Meter } from '../../tracking/meter.ts';
import { editedBody } from '../../util/bytes/body-edit.ts';
import { BodyInPieces } from '../../util/bytes/body-in-pieces.ts';
import type { ByteReader } from '../../util/fetch/byte-reader.ts';
import { identifyAtGateway } from '../admission.ts';
import { askWithin } from '../ask-provider.ts';
import { attributionOf } from '../attribution.ts';
import { costComment, outcomeHeaders } from '../call-outcome.ts';
import type { GatewayServices } from '../gateway.ts';
import { passAnswer } from '../pass-answer.ts';
import { withProviderBody } from '../provider-body.ts';
import { formEdits, memberOf } from '../reading/changeable-body.ts';
import type { RequestReader } from '../reading/request-reader.ts';
import { openaiUseCase } from '../use-case-name.ts';
import { openAiAnswerHeaders, openAiRequestHeaders, pricedAt, pricedShape, upstreamOf } from './upstream.ts';

export interface OpenAiGatewayServices extends GatewayServices {
  memory: RequestMemory;
  requestReader: RequestReader;
  meter: Meter;
}

/** What differs between the APIs that cost money. */
export interface MeteredApi {
  /** Below the base URL of the provider. */
  path: string;
  dialect(category: string): Dialect;
  errorEvent(requestId: string): (error: unknown) => string;
  /** What reads its requests. */
  reader: 'chat' | 'responses' | 'embeddings';
  /** Takes out of a stream what the client did not ask for. */
  strip?(source: ByteReader): ByteReader;
}

/** One call of an API, JSON or events: attributed, limited and metered like any other, and passed byte for byte. */
export async function passMetered(
  request: HttpRequest,
  services: OpenAiGatewayServices,
  requestId: string,
  route: AdmittingRoute,
  api: MeteredApi,
): Promise<HttpAnswer> {
  const { settings, meter, requestReader } = services;
  const caller = await identifyAtGateway(request, services, route);
  admitRate(services.rateLimits, caller);
  const track = attributionOf(request.headers, caller, settings, openaiUseCase);
  return withProviderBody(request, services, async (given) => {
    const { shape, edit, changeable, bytes } = await requestReader.read(api.reader, given);
    const upstream = upstreamOf(shape.model, settings);
    const ours = edit ? [edit] : [];
    const bodyIn = (members?: FormMembers) => editedBody(bytes, [...ours, ...formEdits(changeable, members)]);
    const dialect = api.dialect(upstream.category);
    const ask = askWithin(settings.MODEL_DEADLINE_MS);
    const headers = await openAiRequestHeaders(request.headers, upstream);
    const { call, answer } = await trackContext(track, async () => {
      // A key lists models as requests name them; prices go by the model behind a deployment.
      const call: TrackedCall = { ...meter.open(shape), shape: pricedShape(shape, upstream) };
      const answer = await meter.attempt(call, {
        dialect,
        number: attemptNumber(request.headers),
        providerUri: upstream.baseUrl,
        changes: {
          valueAt: (name) => memberOf(bytes, changeable, name),
          priced: (other) => pricedAt(upstream, other, settings),
        },
        send: (members) =>
          ask(upstream.baseUrl + api.path, { method: 'POST', headers, body: new BodyInPieces(bodyIn(members)) }),
        isAborted: () => false,
        repeatsWithinMs: () => 0,
      });
      return { call, answer };
    });
    return passAnswer(
      answer,
      { ...openAiAnswerHeaders(answer.headers), ...outcomeHeaders(call) },
      { errorEvent: api.errorEvent(requestId), comment: costComment(request.headers, call) },
      edit ? api.strip : undefined,
    );
  });
}
