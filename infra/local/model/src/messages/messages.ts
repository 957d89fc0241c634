import type Anthropic from '@anthropic-ai/sdk';
import { askedSchema } from '../answers/asked-schema.ts';
import { type Feature, featureOf } from '../answers/feature.ts';
import { sceneFor } from '../answers/scene.ts';
import { type ApiProblem, envelope, invalid } from '../errors.ts';
import { type Exchange, type ModelState, throwScripted, waitBefore } from '../exchange.ts';
import { idFrom } from '../random.ts';
import { sendBody, sendEvents } from '../reply.ts';
import type { Outcome } from '../script.ts';
import { createContent } from './content.ts';
import { type Decoded, decodeRequest } from './decode-request.ts';
import { eventsFor, messageOf } from './empty-members.ts';
import { promptText } from './request.ts';
import { containerOf } from './search-by-code.ts';
import { encodeEvent, eventsOf, type StreamEvent } from './stream.ts';
import { promptParts } from './tokens.ts';
import { firstUsage, usageOf } from './usage.ts';

/** `POST /v1/messages`, as JSON or as server-sent events. */
export async function answerMessage(exchange: Exchange, state: ModelState): Promise<void> {
  const { request: http, response, call, requestId } = exchange;
  const decoded = decodeRequest(exchange.body, http.headers);
  const { request, model } = decoded;
  const { prompt, feature } = featureIn(decoded);
  Object.assign(call, { model: model.id, feature, stream: request.stream === true });
  const outcome = state.script.next(feature);
  await waitBefore(state, outcome.delayMs);
  const headers = { ...exchange.headers, ...outcome.headers };
  if (outcome.rawBody !== undefined) {
    call.status = outcome.error?.status ?? 200;
    await sendBody(response, call.status, outcome.rawBody, headers, outcome.breakAfter);
    return;
  }
  throwScripted(outcome);

  const { message, start } = await createMessage(decoded, state, outcome, prompt, feature);
  Object.assign(call, { responseId: message.id, stopReason: message.stop_reason, usage: message.usage });
  const version = String(http.headers['anthropic-version'] ?? '');
  if (request.stream) {
    const pause = outcome.eventDelayMs ?? state.eventDelayMs;
    const events = encoded(eventsFor(version, eventsOf(message, start)));
    const errorEvent = (problem: ApiProblem) => encodeEvent({ ...envelope(problem, requestId), type: 'error' });
    call.outcome = await sendEvents(response, events, headers, errorEvent, outcome, pause);
  } else {
    const text = JSON.stringify(messageOf(version, message));
    call.outcome = await sendBody(response, 200, text, headers, outcome.breakAfter);
  }
}

/** The texts of a request, and what it asks for. */
export function featureIn({ request }: Decoded): { prompt: string; feature: Feature } {
  const prompt = promptText(request);
  return { prompt, feature: featureOf(prompt, request.output_config?.format?.schema ?? askedSchema(prompt)) };
}

function* encoded(events: Iterable<StreamEvent>): Generator<string> {
  for (const event of events) yield encodeEvent(event);
}

/** The whole answer to a request, and its usage as a stream begins with it. @throws ApiProblem 400 for a prompt that is too long */
export async function createMessage(
  { request, model }: Decoded,
  state: ModelState,
  outcome: Outcome,
  prompt: string,
  feature: Feature,
): Promise<{ message: Anthropic.Message; start: Anthropic.Usage }> {
  const parts = await promptParts(request, model);
  const total = parts.reduce((sum, part) => sum + part.tokens, 0);
  if (total > model.contextWindow)
    throw invalid(`prompt is too long: ${total} tokens > ${model.contextWindow} maximum`);
  const tokens = state.cache.use(model.id, model.smallestCachePrefix, parts);
  const key = `${state.seed}:${state.ordinal()}`;
  const content = createContent({ request, model, feature, scene: sceneFor(prompt, state.seed), outcome, key });
  const message: Anthropic.Message = {
    id: idFrom('msg', key),
    type: 'message',
    role: 'assistant',
    model: outcome.model ?? model.id,
    content: content.blocks,
    stop_reason: content.stopReason,
    stop_sequence: content.stopSequence,
    stop_details:
      content.stopReason === 'refusal'
        ? { type: 'refusal', category: null, explanation: 'The request was declined.' }
        : null,
    container: containerOf(content.blocks, key, state.now()),
    diagnostics: null,
    usage: { ...usageOf(request, model, tokens, content), ...outcome.usage },
  };
  return { message, start: { ...firstUsage(request, model, tokens), ...onlyInput(outcome.usage) } };
}

/** Of scripted usage, what `message_start` tells. */
const onlyInput = (usage: Record<string, unknown> = {}): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(usage).filter(([name]) => !name.startsWith('output_') && name !== 'server_tool_use'),
  );
