import type { ServerResponse } from 'node:http';
import type Anthropic from '@anthropic-ai/sdk';
import { ApiProblem, sendJson } from '../errors.ts';
import type { ModelState } from '../exchange.ts';
import { idFrom } from '../random.ts';
import { type Batch, decodeBatch, endOf, type ResultLine } from './batch.ts';
import { type RunDeps, runBatch } from './run-batch.ts';

/** A request to the batches' paths. */
export interface BatchExchange extends Pick<RunDeps, 'headers'> {
  method: string;
  /** Without a slash at its end. */
  path: string;
  query: URLSearchParams;
  /** Where the results are. */
  origin: string;
  body(): Promise<unknown>;
  response: ServerResponse;
  answerHeaders: Record<string, string>;
}

const ROOT = '/v1/messages/batches';
const DAY_MS = 86_400_000;

/** The Message Batches API. A batch ends `batchMs` after it was made; then its requests have run, at half the price. */
export class Batches {
  readonly #state: ModelState;
  readonly #batchMs: number;
  readonly #record: RunDeps['record'];
  readonly #batches = new Map<string, Batch>();

  constructor(state: ModelState, batchMs: number, record: RunDeps['record']) {
    this.#state = state;
    this.#batchMs = batchMs;
    this.#record = record;
  }

  clear(): void {
    this.#batches.clear();
  }

  /** @throws ApiProblem */
  async answer(exchange: BatchExchange): Promise<void> {
    const { method, path, response, answerHeaders } = exchange;
    const [id, part] = path.slice(ROOT.length + 1).split('/');
    const route = `${method} ${id ? '{id}' : ''}${part ? `/${part}` : ''}`;
    const send = (body: unknown) => sendJson(response, 200, body, answerHeaders);
    switch (route) {
      case 'POST ':
        return send(await this.#view(this.#create(await exchange.body(), exchange), exchange));
      case 'GET ':
        return send(await this.#list(exchange));
      case 'GET {id}':
        return send(await this.#view(this.#find(id), exchange));
      case 'POST {id}/cancel':
        return send(await this.#view(this.#cancel(this.#find(id)), exchange));
      case 'GET {id}/results':
        return this.#sendResults(this.#find(id), exchange);
      case 'DELETE {id}':
        return send(this.#delete(this.#find(id)));
      default:
        throw new ApiProblem(404, `${method} ${path} is not a route of the stand-in`);
    }
  }

  #create(body: unknown, { headers }: BatchExchange): Batch {
    const requests = decodeBatch(body);
    const { seed, now, ordinal } = this.#state;
    const batch: Batch = {
      id: idFrom('msgbatch', `${seed}:${ordinal()}`),
      requests,
      headers,
      createdAt: now(),
      doneAt: now() + this.#batchMs,
      expiresAt: now() + DAY_MS,
      cancelledAt: undefined,
      results: undefined,
    };
    this.#batches.set(batch.id, batch);
    return batch;
  }

  #find(id = ''): Batch {
    const batch = this.#batches.get(id);
    if (!batch) throw new ApiProblem(404, `Message batch ${id} not found`);
    return batch;
  }

  #hasEnded = (batch: Batch): boolean => this.#state.now() >= endOf(batch);

  #results(batch: Batch): Promise<ResultLine[]> {
    batch.results ??= runBatch(batch, { state: this.#state, headers: batch.headers, record: this.#record });
    return batch.results;
  }

  async #view(batch: Batch, { origin }: BatchExchange): Promise<Anthropic.Messages.MessageBatch> {
    const ended = this.#hasEnded(batch);
    const counts = { processing: ended ? 0 : batch.requests.length, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
    if (ended) for (const { result } of await this.#results(batch)) counts[result.type] += 1;
    return {
      id: batch.id,
      type: 'message_batch',
      processing_status: ended ? 'ended' : batch.cancelledAt === undefined ? 'in_progress' : 'canceling',
      request_counts: counts,
      created_at: timeOf(batch.createdAt),
      expires_at: timeOf(batch.expiresAt),
      ended_at: ended ? timeOf(endOf(batch)) : null,
      cancel_initiated_at: batch.cancelledAt === undefined ? null : timeOf(batch.cancelledAt),
      archived_at: null,
      results_url: ended ? `${origin}${ROOT}/${batch.id}/results` : null,
    };
  }

  /** The newest first. */
  async #list(exchange: BatchExchange): Promise<unknown> {
    const all = [...this.#batches.values()].reverse();
    const after = all.findIndex(({ id }) => id === exchange.query.get('after_id')) + 1;
    const page = all.slice(after, after + Number(exchange.query.get('limit') ?? 20));
    const data = await Promise.all(page.map((batch) => this.#view(batch, exchange)));
    const hasMore = after + page.length < all.length;
    return { data, has_more: hasMore, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
  }

  #cancel(batch: Batch): Batch {
    if (this.#hasEnded(batch)) throw new ApiProblem(400, `Batch ${batch.id} has ended and can't be canceled`);
    batch.cancelledAt ??= this.#state.now();
    return batch;
  }

  #delete(batch: Batch): Anthropic.Messages.DeletedMessageBatch {
    if (!this.#hasEnded(batch)) throw new ApiProblem(400, `Batch ${batch.id} must end before it can be deleted`);
    this.#batches.delete(batch.id);
    return { id: batch.id, type: 'message_batch_deleted' };
  }

  async #sendResults(batch: Batch, { response, answerHeaders }: BatchExchange): Promise<void> {
    if (!this.#hasEnded(batch)) throw new ApiProblem(404, `Batch ${batch.id} has no results yet`);
    const results = await this.#results(batch);
    response.writeHead(200, { 'content-type': 'application/x-jsonl', ...answerHeaders });
    response.end(results.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }
}

const timeOf = (ms: number): string => new Date(ms).toISOString();
