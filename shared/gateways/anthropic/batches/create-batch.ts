import type { HttpRequest } from '@azure/functions';
import { TrailmeterError } from '../../../errors/trailmeter-error.ts';
import type { HttpAnswer } from '../../../http/answer.ts';
import { limitState } from '../../../http/limit-state.ts';
import type { RequestMemory } from '../../../http/memory/request-memory.ts';
import type { AdmittingRoute } from '../../../identity/identity.ts';
import { refuseModels, refuseUseCase } from '../../../identity/keys/key-grant.ts';
import type { Hold, HoldRequest } from '../../../limits/gate/gate.ts';
import { noAmounts } from '../../../limits/policies/units.ts';
import { claudePlatform } from '../../../model/platforms/claude-platform.ts';
import { readTokenCount } from '../../../model/request/count-tokens.ts';
import { admitRate } from '../../../rate-limits/admit-rate.ts';
import { describeError, type Telemetry } from '../../../telemetry/telemetry.ts';
import { type TrackContext, trackContext } from '../../../tracking/context.ts';
import { limitedModels } from '../../../tracking/holds/hold-request.ts';
import { resourceOf } from '../../../tracking/resource.ts';
import { uuidV7 } from '../../../util/ids.ts';
import { toUsd } from '../../../util/money.ts';
import { identifyAtGateway } from '../../admission.ts';
import { checkedAnswer } from '../../ask-provider.ts';
import { attributionOf } from '../../attribution.ts';
import type { GatewayServices } from '../../gateway.ts';
import { providerId, readProviderAnswer } from '../../provider-answer.ts';
import { withProviderBody } from '../../provider-body.ts';
import type { RequestReader } from '../../reading/request-reader.ts';
import { anthropicUseCase } from '../../use-case-name.ts';
import { answerOfProvider } from '../answer.ts';
import { type FileOwners, refuseFiles } from '../files/file-owners.ts';
import { ownerOf } from '../owner-partition.ts';
import { anthropicProvider, refuseWithoutApis } from '../upstream.ts';
import { batchAnswer } from './batch-answer.ts';
import { countedBound } from './batch-counts.ts';
import type { ReadBatch } from './batch-requests.ts';
import type { BatchFacts } from './batch-rows.ts';
import type { MessageBatches } from './message-batches.ts';

export interface BatchGatewayServices extends GatewayServices {
  memory: RequestMemory;
  requestReader: RequestReader;
  batches: MessageBatches;
  fileOwners: FileOwners;
}

type Provider = ReturnType<typeof anthropicProvider>;
type UseCase = NonNullable<TrackContext['useCase']>;

/** A new batch: all that its requests can cost is held until its results are metered. */
export async function passNewBatch(
  request: HttpRequest,
  services: BatchGatewayServices,
  requestId: string,
  route: AdmittingRoute,
): Promise<HttpAnswer> {
  const { settings, batches } = services;
  const caller = await identifyAtGateway(request, services, route);
  refuseWithoutApis(claudePlatform(settings));
  admitRate(services.rateLimits, caller);
  const track = attributionOf(request.headers, caller, settings, anthropicUseCase);
  return withProviderBody(request, services, async (given) => {
    const { store, clock, telemetry } = batches;
    const nowMs = clock.now();
    const betas = request.headers.get('anthropic-beta');
    const options = { betas, atMs: nowMs };
    let { bytes, ...read } = await services.requestReader.read('batch', given, options);
    const provider = anthropicProvider(request, settings);
    const count = (body: string) => tokensOf(provider, body, telemetry);
    const exactBound = async () => {
      const counts = await services.requestReader.read('batchCounts', bytes, options);
      bytes = counts.bytes;
      return countedBound(counts, nowMs, count);
    };
    await refuseFiles(read.fileIds, caller, services);
    return trackContext(track, async (context) => {
      const id = uuidV7(nowMs);
      const facts = factsFor(context, settings.ANTHROPIC_BASE_URL);
      refuseUseCase(context.key, facts.useCase.name);
      refuseModels(context.key, read.models);
      // First of all, so that whoever finds a hold knows what it is for.
      await store.begin(id, ownerOf(caller), nowMs, facts, read.pages);
      const hold = await heldFor(id, { ...requestOf(read, facts, nowMs), exactBound }, batches);
      const answer = await sent(
        () => provider('/v1/messages/batches', { body: [bytes] }),
        () => dismiss(id, batches),
      );
      if (!answer.ok) {
        await dismiss(id, batches);
        return answerOfProvider(answer, {}, requestId);
      }
      const opened = { ...facts, holdId: hold.id, limitIds: hold.limitIds };
      // From here on the batch exists: an error that clients repeat would make a second one.
      const batch = await confirmed(answer, (batchId) => store.opened(id, batchId, opened));
      telemetry.info('message-batch-opened', {
        id,
        requestId,
        requests: read.requests,
        heldUsd: toUsd(hold.heldNanoUsd),
      });
      const own = { 'request-id': requestId, 'x-use-case-id': facts.useCase.id, ...limitState(hold.warnings) };
      return batchAnswer(batch, request.url, own);
    });
  });
}

/** Undefined where the provider does not count it: then its bytes bound it. */
async function tokensOf(provider: Provider, body: string, telemetry: Telemetry): Promise<number | undefined> {
  try {
    return readTokenCount(await provider('/v1/messages/count_tokens', { body: [Buffer.from(body)], query: '' }));
  } catch (error) {
    telemetry.warn('token-count-failed', describeError(error));
    return undefined;
  }
}

function factsFor(context: TrackContext, providerUri: string): BatchFacts {
  const { useCaseProperties, requestProperties, userId, accountName, key, requestId } = context;
  return {
    holdId: '',
    limitIds: [],
    // The gateway always names one.
    useCase: context.useCase as UseCase,
    useCaseProperties,
    requestProperties,
    userId,
    accountName,
    keyName: key?.name,
    requestId,
    providerUri,
  };
}

/** A batch is one call for the limits: nothing can be learned or held up while it runs. */
function requestOf(
  { bound, unknown, models }: Pick<ReadBatch, 'bound' | 'unknown' | 'models'>,
  facts: BatchFacts,
  nowMs: number,
): HoldRequest {
  const { useCase, userId, accountName, keyName } = facts;
  return {
    useCaseName: useCase.name,
    useCaseId: useCase.id,
    occurredAtMs: nowMs,
    bound,
    eventId: uuidV7(nowMs),
    category: 'system.anthropic',
    resource: resourceOf(models[0] ?? ''),
    models: limitedModels(models),
    properties: { ...facts.useCaseProperties, ...facts.requestProperties },
    ...(useCase.version !== undefined && { version: useCase.version }),
    ...(userId !== undefined && { userId }),
    ...(accountName !== undefined && { accountName }),
    ...(keyName !== undefined && { keyName }),
    ...(unknown !== undefined && { unboundedBy: unknown }),
  };
}

async function heldFor(id: string, request: HoldRequest, batches: MessageBatches): Promise<Hold> {
  try {
    return await batches.lasting.hold(request, id);
  } catch (error) {
    await dismiss(id, batches);
    throw error;
  }
}

/** Nothing was made: what was held is free again. Where this fails, the timer finds the row and abandons it. */
async function dismiss(id: string, { lasting, store, telemetry }: MessageBatches): Promise<void> {
  try {
    await lasting.settle(id, noAmounts);
    await store.forget(id);
  } catch (error) {
    telemetry.warn('message-batch-not-dismissed', { id, ...describeError(error) });
  }
}

/** The provider's answer. @throws TrailmeterError where none came: then the batch may exist, unless nothing was sent */
async function sent(send: () => Promise<Response>, dismissed: () => Promise<void>): Promise<Response> {
  let answer: Response;
  try {
    answer = await send();
  } catch (error) {
    if (!isUnsent(error)) throw notConfirmed(504, error);
    await dismissed();
    throw error;
  }
  try {
    return checkedAnswer(answer);
  } catch (error) {
    await dismissed();
    throw error;
  }
}

/** The batch that the provider has made. @throws TrailmeterError where that cannot be read or written down */
async function confirmed(
  answer: Response,
  opened: (batchId: string) => Promise<void>,
): Promise<Record<string, unknown>> {
  try {
    const batch = await readProviderAnswer(answer);
    await opened(providerId(batch));
    return batch;
  } catch (error) {
    throw notConfirmed(502, error);
  }
}

const unsentCodes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];

/** `fetch` says in the cause of its error why it failed. */
function isUnsent(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('code' in cause && unsentCodes.includes(String(cause.code))) return true;
  return false;
}

const notConfirmed = (status: 502 | 504, cause?: unknown): TrailmeterError =>
  new TrailmeterError(
    'batch_not_confirmed',
    'The provider may have taken this batch, but gave no answer that says so. Its budget stays held until an admin corrects it. List your batches at the provider before you send it again.',
    { status, cause },
  );
