import { askedSchema } from '../answers/asked-schema.ts';
import { type Feature, featureOf } from '../answers/feature.ts';
import { lineOf, RunningBill } from '../billing/bill.ts';
import { type ApiProblem, envelope } from '../errors.ts';
import { type Exchange, type ModelState, throwScripted, waitBefore } from '../exchange.ts';
import { sendBody, sendEvents } from '../reply.ts';
import { createMessage } from './create-message.ts';
import { type Decoded, decodeRequest } from './decode-request.ts';
import { eventsFor, messageOf } from './empty-members.ts';
import { promptText } from './request.ts';
import { encodeEvent, eventsOf, type StreamEvent } from './stream.ts';

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

  const { message, start, first, facts, bill } = await createMessage(decoded, state, outcome, prompt, feature);
  Object.assign(call, { responseId: message.id, stopReason: message.stop_reason, usage: message.usage, bill });
  const version = String(http.headers['anthropic-version'] ?? '');
  if (request.stream) {
    const pause = outcome.eventDelayMs ?? state.eventDelayMs;
    const begun = lineOf(first, start);
    const running = new RunningBill(facts, begun, bill);
    call.begun = begun;
    const events = encoded(eventsFor(version, eventsOf(message, start, first)), running);
    const errorEvent = (problem: ApiProblem) => encodeEvent({ ...envelope(problem, requestId), type: 'error' });
    call.outcome = await sendEvents(response, events, headers, errorEvent, outcome, pause);
    call.bill = running.lines;
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

/** Asked for the next one, the last one has been sent. */
function* encoded(events: Iterable<StreamEvent>, bill: RunningBill): Generator<string> {
  for (const event of events) {
    yield encodeEvent(event);
    bill.add(event);
  }
}
