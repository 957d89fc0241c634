import type { HttpRequest } from '@azure/functions';
import { RequestError } from '../../../errors/request-errors.ts';
import { type HttpAnswer, json } from '../../../http/answer.ts';
import type { RequestMemory } from '../../../http/memory/request-memory.ts';
import type { Caller } from '../../../identity/caller.ts';
import type { AdmittingRoute } from '../../../identity/identity.ts';
import type { Clock } from '../../../util/clock.ts';
import { readerOf } from '../../../util/fetch/replaced-body.ts';
import { inParallel } from '../../../util/in-parallel.ts';
import { identifyAtGateway } from '../../admission.ts';
import { checkedAnswer } from '../../ask-provider.ts';
import type { GatewayServices } from '../../gateway.ts';
import { pathText } from '../../path-text.ts';
import { providerId, readProviderAnswer } from '../../provider-answer.ts';
import { withProviderBody } from '../../provider-body.ts';
import { endingWell } from '../../stream-end.ts';
import { answerOfProvider } from '../answer.ts';
import { errorLine } from '../errors.ts';
import { pageOf, readPaging } from '../paging.ts';
import { answerHeaders, anthropicProvider } from '../upstream.ts';
import type { FileOwners } from './file-owners.ts';

export interface FileGatewayServices extends GatewayServices {
  memory: RequestMemory;
  fileOwners: FileOwners;
  clock: Clock;
}

type Pass = (
  request: HttpRequest,
  services: FileGatewayServices,
  requestId: string,
  route: AdmittingRoute,
) => Promise<HttpAnswer>;

const ROOT = '/v1/files';
/** Each is asked for by itself, since the provider's list has everybody's. */
const MOST_LISTED = 100;
const ASKED_AT_ONCE = 8;

/** Uploads a file, byte for byte; from then on it is the caller's. */
export const passNewFile: Pass = async (request, services, requestId, route) => {
  const caller = await admitted(request, services, route);
  return withProviderBody(request, services, async (bytes) => {
    const answer = checkedAnswer(await anthropicProvider(request, services.settings)(ROOT, { body: [bytes] }));
    if (!answer.ok) return answerOfProvider(answer, {}, requestId);
    const file = await readProviderAnswer(answer);
    await services.fileOwners.add(caller, providerId(file), services.clock.now());
    return json(200, file, { 'request-id': requestId, ...answerHeaders(answer.headers) });
  });
};

/** The caller's files, the newest first. */
export const passFiles: Pass = async (request, services, requestId, route) => {
  const caller = await admitted(request, services, route);
  const query = new URL(request.url).searchParams;
  const paging = readPaging(query);
  const ids = await services.fileOwners.list(caller);
  const limit = Math.min(paging.limit, MOST_LISTED);
  // Newer versions of the API name the next page, older ones the last file.
  const page = pageOf(ids, (id) => id, { ...paging, limit, afterId: query.get('page') ?? paging.afterId });
  const provider = anthropicProvider(request, services.settings);
  const answers = await inParallel(page.data, ASKED_AT_ONCE, async (id) =>
    checkedAnswer(await provider(`${ROOT}/${encodeURIComponent(id)}`, { query: '' })),
  );
  // One that the provider has deleted is left out.
  const failed = answers.find(({ ok, status }) => !ok && status !== 404);
  if (failed) return answerOfProvider(failed, {}, requestId);
  const data = await Promise.all(answers.filter(({ ok }) => ok).map(readProviderAnswer));
  const next = page.has_more ? page.last_id : null;
  return json(200, { ...page, data, next_page: next }, { 'request-id': requestId });
};

/** What a file is. */
export const passFile: Pass = async (request, services, requestId, route) => {
  const { id } = await ownFile(request, services, route);
  return answerOfProvider(await anthropicProvider(request, services.settings)(`${ROOT}/${id}`), {}, requestId);
};

/** The bytes of a file. */
export const passFileContent: Pass = async (request, services, requestId, route) => {
  const { id } = await ownFile(request, services, route);
  const provider = anthropicProvider(request, services.settings);
  const answer = checkedAnswer(await provider(`${ROOT}/${id}/content`));
  const source = answer.ok ? readerOf(answer) : undefined;
  if (!source) return answerOfProvider(answer, {}, requestId);
  const headers = { 'request-id': requestId, ...answerHeaders(answer.headers) };
  return { status: 200, headers, body: endingWell(source, { errorEvent: errorLine(requestId) }) };
};

export const passFileDelete: Pass = async (request, services, requestId, route) => {
  const { id, caller } = await ownFile(request, services, route);
  const provider = anthropicProvider(request, services.settings);
  const answer = checkedAnswer(await provider(`${ROOT}/${id}`, { method: 'DELETE' }));
  if (!answer.ok) return answerOfProvider(answer, {}, requestId);
  const deleted = await readProviderAnswer(answer);
  await services.fileOwners.remove(caller, pathText(request, 'file'));
  return json(200, deleted, { 'request-id': requestId, ...answerHeaders(answer.headers) });
};

/** @throws RequestError 404 where files are not passed on */
async function admitted(request: HttpRequest, services: FileGatewayServices, route: AdmittingRoute): Promise<Caller> {
  const caller = await identifyAtGateway(request, services, route);
  if (services.settings.ANTHROPIC_FILES) return caller;
  throw new RequestError(
    'not_supported',
    'The Files API is not supported by this gateway. ANTHROPIC_FILES=true passes it on.',
    {
      status: 404,
    },
  );
}

/** @throws RequestError 404 for a file of another caller too */
async function ownFile(
  request: HttpRequest,
  services: FileGatewayServices,
  route: AdmittingRoute,
): Promise<{ id: string; caller: Caller }> {
  const caller = await admitted(request, services, route);
  const file = pathText(request, 'file');
  await services.fileOwners.refuseOthers(caller, [file]);
  return { id: encodeURIComponent(file), caller };
}
