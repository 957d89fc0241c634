import type { IncomingHttpHeaders } from 'node:http';
import type { ModelCall } from '../calls.ts';
import { ApiProblem, envelope } from '../errors.ts';
import { type ModelState, throwScripted } from '../exchange.ts';
import { createMessage } from '../messages/create-message.ts';
import { decodeRequest } from '../messages/decode-request.ts';
import { messageOf } from '../messages/empty-members.ts';
import { featureIn } from '../messages/messages.ts';
import { idFrom } from '../random.ts';
import { type Batch, type BatchItem, endOf, type ResultLine, ranOf } from './batch.ts';

export interface RunDeps {
  state: ModelState;
  headers: IncomingHttpHeaders;
  /** Notes a call, as any other. */
  record(call: ModelCall): void;
}

/** Runs what of a batch came to its turn before the batch ended. */
export async function runBatch(batch: Batch, deps: RunDeps): Promise<ResultLine[]> {
  const ran = ranOf(batch);
  const rest = batch.cancelledAt === endOf(batch) ? 'canceled' : 'expired';
  const lines: ResultLine[] = [];
  for (const [place, item] of batch.requests.entries()) {
    const line = place < ran ? await run(item, deps) : lineOf(item, { type: rest });
    if (line) lines.push(line);
  }
  return lines;
}

const lineOf = ({ custom_id }: BatchItem, result: ResultLine['result']): ResultLine => ({ custom_id, result });

/** Undefined where the script leaves the line out. */
async function run(item: BatchItem, { state, headers, record }: RunDeps): Promise<ResultLine | undefined> {
  const requestId = idFrom('req', `${state.seed}:${state.ordinal()}`);
  const call: ModelCall = {
    requestId,
    path: '/v1/messages/batches',
    at: state.now(),
    status: 200,
    model: undefined,
    responseId: undefined,
    feature: undefined,
    stream: false,
    stopReason: undefined,
    usage: undefined,
    outcome: 'answered',
    headers,
    body: item.params,
  };
  try {
    const decoded = decodeRequest(item.params, headers);
    const { prompt, feature } = featureIn(decoded);
    Object.assign(call, { model: decoded.model.id, feature });
    const outcome = state.script.next(feature);
    if (outcome.batchResult === 'canceled' || outcome.batchResult === 'expired')
      return lineOf(item, { type: outcome.batchResult });
    throwScripted(outcome);
    const { message, bill } = await createMessage(decoded, state, outcome, prompt, feature);
    const usage = { ...message.usage, service_tier: 'batch' as const, ...outcome.usage };
    Object.assign(call, { responseId: message.id, stopReason: message.stop_reason, usage, bill });
    record(call);
    if (outcome.batchResult === 'missing') return undefined;
    const answer = messageOf(String(headers['anthropic-version'] ?? ''), { ...message, usage });
    return lineOf(item, { type: 'succeeded', message: answer });
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    record({ ...call, status: error.status, outcome: 'failed' });
    return lineOf(item, { type: 'errored', error: envelope(error, requestId) });
  }
}
