import { askedSchema } from '../answers/asked-schema.ts';
import { featureOf } from '../answers/feature.ts';
import { type Exchange, type ModelState, throwScripted, waitBefore } from '../exchange.ts';
import { idFrom } from '../random.ts';
import { sendBody, sendEvents } from '../reply.ts';
import { chunksOf } from './chunks.ts';
import { createCompletion } from './completion.ts';
import { openAiEnvelope } from './problem.ts';
import { chatPrompt, decodeChat } from './request.ts';

/** `POST /v1/chat/completions` of the OpenAI-compatible providers, as JSON or as server-sent events. */
export async function answerChat(exchange: Exchange, state: ModelState): Promise<void> {
  const { response, call } = exchange;
  const request = decodeChat(exchange.body);
  const prompt = chatPrompt(request);
  const feature = featureOf(prompt, request.response_format?.json_schema?.schema ?? askedSchema(prompt));
  Object.assign(call, { model: request.model, feature, stream: request.stream === true });
  const outcome = state.script.next(feature);
  await waitBefore(state, outcome.delayMs);
  throwScripted(outcome);

  const key = `${state.seed}:${state.ordinal()}`;
  const completion = createCompletion(request, feature, outcome, state.seed, key);
  const { message, finishReason, usage } = completion;
  const head = {
    id: idFrom('chatcmpl', key),
    created: Math.floor(state.now() / 1_000),
    model: outcome.model ?? request.model,
    service_tier: 'default',
    system_fingerprint: null,
  };
  Object.assign(call, { responseId: head.id, stopReason: finishReason, usage });
  const headers = { 'x-request-id': exchange.requestId, ...outcome.headers };
  if (request.stream) {
    const chunks = chunksOf(head, completion, request.n ?? 1, request.stream_options?.include_usage === true);
    const pause = outcome.eventDelayMs ?? state.eventDelayMs;
    call.outcome = await sendEvents(
      response,
      chunks,
      headers,
      (problem) => `data: ${JSON.stringify(openAiEnvelope(problem))}\n\n`,
      outcome,
      pause,
    );
    return;
  }
  const { id, created, model, ...rest } = head;
  const choices = Array.from({ length: request.n ?? 1 }, (_, index) => ({
    index,
    message,
    logprobs: null,
    finish_reason: finishReason,
  }));
  const body = { id, object: 'chat.completion', created, model, choices, usage, ...rest };
  call.outcome = await sendBody(response, 200, JSON.stringify(body), headers, outcome.breakAfter);
}
