import { randomUUID } from 'node:crypto';
import { type ApiErrorBody, apiError, Refusal } from '../http/api-error.ts';
import type { PartialErrors } from '../http/fault.ts';
import { type Answer, ok, type Request } from '../http/http.ts';
import type { Routes } from '../http/router.ts';
import { guideIngest } from '../ingest/guide.ts';
import { type IngestMode, ingest } from '../ingest/ingest.ts';
import { bulkMembers, type IngestItem, singleMembers, wrongShape } from '../ingest/ingest-item.ts';
import { resultOf } from '../ingest/result.ts';
import { countUp, type PayiState } from '../state.ts';
import { requestId } from '../stores/ids.ts';

export function ingestRoutes(state: PayiState, partialErrors: () => PartialErrors | undefined): Routes {
  return {
    'POST /ingest': (request) => single(state, request),
    // The guide knows no bulk.
    ...(state.options.dialect === 'live' && {
      'POST /ingest/bulk': (request: Request) => bulk(state, request, 'insert', partialErrors()),
      'POST /ingest/bulk-upsert': (request: Request) => bulk(state, request, 'upsert', partialErrors()),
    }),
  };
}

function single(state: PayiState, request: Request): Answer {
  const now = state.options.clock.now();
  const isGuide = state.options.dialect === 'guide';
  const body = (isGuide ? guideIngest(request.body) : request.body) as IngestItem;
  const wrong = wrongShape(body, isGuide ? bulkMembers : singleMembers);
  if (wrong) return refuse(state, wrong);
  const attribution = isGuide ? {} : attributionOf(request);
  const accepted = ingest(state, { ...body, ...attribution }, 'insert', now);
  if ('statusCode' in accepted) return refuse(state, accepted);
  const facts = state.events.facts(accepted.row);
  return ok({
    request_id: requestId(accepted.row),
    event_timestamp: new Date(facts?.timestamp ?? now).toISOString(),
    ingest_timestamp: new Date(now).toISOString(),
    xproxy_result: resultOf(state, accepted.row, accepted),
  });
}

function refuse(state: PayiState, error: ApiErrorBody): Answer {
  countUp(state.refusedItems, error.xproxy_error.code);
  return { status: error.statusCode, body: error };
}

function attributionOf(request: Request): Partial<IngestItem> {
  const given: Record<string, unknown> = {
    use_case_name: request.header('xproxy-usecase-name'),
    use_case_id: request.header('xproxy-usecase-id'),
    use_case_step: request.header('xproxy-usecase-step'),
    user_id: request.header('xproxy-user-id'),
    account_name: request.header('xproxy-account-name'),
    scope: request.header('xproxy-resource-scope'),
    use_case_version: versionOf(request.header('xproxy-usecase-version')),
    limit_ids: limitIdsOf(request.header('xproxy-limit-ids')),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function versionOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw new Refusal(400, 'request_processing_error', 'xProxy-UseCase-Version is a number.');
  return Number(text);
}

function limitIdsOf(text: string | undefined): string[] | undefined {
  const ids = text?.split(',').flatMap((id) => id.trim() || []);
  return ids?.length ? ids : undefined;
}

interface ItemError {
  item_index?: number;
  xproxy_result: ApiErrorBody;
}

/** Some items refused: 200 with `errors`. All refused, or no array at all: 400 of the same shape. */
function bulk(state: PayiState, request: Request, mode: IngestMode, faults: PartialErrors | undefined): Answer {
  const now = state.options.clock.now();
  const items = request.body;
  if (!Array.isArray(items)) {
    const error = apiError(400, 'request_processing_error', 'The body is an array of events.');
    return { status: 400, body: bulkResponse(now, 0, 0, [{ xproxy_result: error }]) };
  }
  const errors: ItemError[] = [];
  for (const [item_index, item] of (items as IngestItem[]).entries()) {
    const error =
      wrongShape(item, bulkMembers) ?? faults?.errorAt(item_index, item) ?? failed(ingest(state, item, mode, now));
    if (!error) continue;
    countUp(state.refusedItems, error.xproxy_error.code);
    errors.push({ item_index, xproxy_result: error });
  }
  const status = items.length > 0 && errors.length === items.length ? 400 : 200;
  return { status, body: bulkResponse(now, items.length, items.length - errors.length, errors) };
}

const failed = (result: ReturnType<typeof ingest>): ApiErrorBody | undefined =>
  'statusCode' in result ? result : undefined;

const bulkResponse = (now: number, total: number, ingested: number, errors: ItemError[]) => ({
  request_id: randomUUID(),
  ingest_timestamp: new Date(now).toISOString(),
  ingest_count: ingested,
  error_count: errors.length,
  item_error_count: errors.length,
  total_count: total,
  ...(errors.length > 0 && { errors }),
});
