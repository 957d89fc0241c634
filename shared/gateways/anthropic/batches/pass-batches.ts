import type { HttpRequest } from '@azure/functions';
import { notFound } from '../../../errors/request-errors.ts';
import { TrailmeterError } from '../../../errors/trailmeter-error.ts';
import { type HttpAnswer, json } from '../../../http/answer.ts';
import type { AdmittingRoute } from '../../../identity/identity.ts';
import { readerOf } from '../../../util/fetch/replaced-body.ts';
import { inParallel } from '../../../util/in-parallel.ts';
import { identifyAtGateway } from '../../admission.ts';
import { checkedAnswer } from '../../ask-provider.ts';
import { pathText } from '../../path-text.ts';
import { readProviderAnswer } from '../../provider-answer.ts';
import { endingWell } from '../../stream-end.ts';
import { answerOfProvider } from '../answer.ts';
import { errorLine } from '../errors.ts';
import { pageOf, readPaging } from '../paging.ts';
import { answerHeaders, anthropicProvider, type ProviderRequest } from '../upstream.ts';
import { batchAnswer, ownBatch } from './batch-answer.ts';
import type { OwnedBatchRow } from './batch-rows.ts';
import type { BatchGatewayServices } from './create-batch.ts';
import { type BatchMetering, meterBatch } from './meter-batch.ts';

type Pass = (
  request: HttpRequest,
  services: BatchGatewayServices,
  requestId: string,
  route: AdmittingRoute,
) => Promise<HttpAnswer>;

const ROOT = '/v1/messages/batches';
/** Each is asked for by itself, since the provider's list has everybody's. */
const MOST_LISTED = 100;
const ASKED_AT_ONCE = 8;
/** How long the caller of results waits for another process that meters them; ms. */
const METERED_WITHIN_MS = 25_000;
const LOOK_EVERY_MS = 250;

/** The caller's batches, the newest first. */
export const passBatches: Pass = async (request, services, requestId, route) => {
  const caller = await identifyAtGateway(request, services, route);
  const paging = readPaging(new URL(request.url).searchParams);
  const rows = await services.batches.store.listOwned(caller);
  const page = pageOf(rows, ({ rowKey }) => rowKey, { ...paging, limit: Math.min(paging.limit, MOST_LISTED) });
  const provider = anthropicProvider(request, services.settings);
  const answers = await inParallel(page.data, ASKED_AT_ONCE, async ({ rowKey }) =>
    checkedAnswer(await provider(`${ROOT}/${encodeURIComponent(rowKey)}`, { query: '' })),
  );
  // One that the provider has deleted is left out.
  const failed = answers.find(({ ok, status }) => !ok && status !== 404);
  if (failed) return answerOfProvider(failed, {}, requestId);
  const batches = await Promise.all(answers.filter(({ ok }) => ok).map(readProviderAnswer));
  const data = batches.map((batch) => ownBatch(batch, request.url));
  return json(200, { ...page, data }, { 'request-id': requestId });
};

/** One batch. */
export const passBatch: Pass = (request, services, requestId, route) =>
  passed(request, services, requestId, route, (row) => ({ path: `/${row}` }));

/** What did not run yet is cancelled; what ran is metered when the batch has ended. */
export const passBatchCancel: Pass = (request, services, requestId, route) =>
  passed(request, services, requestId, route, (row) => ({ path: `/${row}/cancel`, method: 'POST' }));

/** Deletes a batch that has ended, after it was metered. */
export const passBatchDelete: Pass = async (request, services, requestId, route) => {
  const owned = await ownedBatch(request, services, route);
  await metered(owned, services);
  const path = `${ROOT}/${encodeURIComponent(owned.rowKey)}`;
  const answer = checkedAnswer(await anthropicProvider(request, services.settings)(path, { method: 'DELETE' }));
  if (!answer.ok) return answerOfProvider(answer, {}, requestId);
  const deleted = await readProviderAnswer(answer);
  await services.batches.store.disown(owned);
  return json(200, deleted, { 'request-id': requestId, ...answerHeaders(answer.headers) });
};

/** The results, byte for byte, once the event of each of them is durable (D1). */
export const passBatchResults: Pass = async (request, services, requestId, route) => {
  const owned = await ownedBatch(request, services, route);
  const metering = await metered(owned, services);
  const path = `${ROOT}/${encodeURIComponent(owned.rowKey)}/results`;
  const answer = checkedAnswer(await anthropicProvider(request, services.settings)(path));
  const source = answer.ok ? readerOf(answer) : undefined;
  if (!source) return answerOfProvider(answer, {}, requestId);
  // It has ended meanwhile. Unread, the answer would hold its connection.
  if (metering === 'running')
    await metered(owned, services).catch(async (error: unknown) => {
      await source.cancel();
      throw error;
    });
  const headers = { 'request-id': requestId, ...answerHeaders(answer.headers) };
  return { status: 200, headers, body: endingWell(source, { errorEvent: errorLine(requestId) }) };
};

async function passed(
  request: HttpRequest,
  services: BatchGatewayServices,
  requestId: string,
  route: AdmittingRoute,
  requestOf: (id: string) => Pick<ProviderRequest, 'method'> & { path: string },
): Promise<HttpAnswer> {
  const { rowKey } = await ownedBatch(request, services, route);
  const { path, ...asked } = requestOf(encodeURIComponent(rowKey));
  const answer = checkedAnswer(await anthropicProvider(request, services.settings)(ROOT + path, asked));
  if (!answer.ok) return answerOfProvider(answer, {}, requestId);
  const headers = { 'request-id': requestId, ...answerHeaders(answer.headers) };
  return batchAnswer(await readProviderAnswer(answer), request.url, headers);
}

/** @throws RequestError 404 for a batch of another caller too */
async function ownedBatch(
  request: HttpRequest,
  services: BatchGatewayServices,
  route: AdmittingRoute,
): Promise<OwnedBatchRow> {
  const caller = await identifyAtGateway(request, services, route);
  const owned = await services.batches.store.owned(caller, pathText(request, 'batch'));
  if (!owned) throw notFound('Message batch');
  return owned;
}

/** Resolves when a batch that has ended is metered, here or by another process. @throws TrailmeterError 503 where that takes long */
async function metered({ holdId }: OwnedBatchRow, { batches }: BatchGatewayServices): Promise<BatchMetering> {
  const { store, clock } = batches;
  const untilMs = clock.now() + METERED_WITHIN_MS;
  for (;;) {
    const row = await store.findOpen(holdId);
    const metering = row ? await meterBatch(row, batches) : 'metered';
    if (metering !== 'busy') return metering;
    if (clock.now() >= untilMs)
      throw new TrailmeterError('batch_being_metered', 'The results of this batch are being metered. Try again.', {
        status: 503,
        retryAfterSeconds: 5,
      });
    await clock.sleep(LOOK_EVERY_MS);
  }
}
