import { createParser } from 'eventsource-parser';
import { addressOf, ownHeaders } from './client.ts';
import { failureFrom, RequestFailure, unreachable } from './failure.ts';
import type { AnswerOf, RequestTo, RouteName } from './routes.ts';

/** What is shown while a feature works. */
export interface Watcher {
  /** How much of the request is sent, 0 to 1. */
  onSent(share: number): void;
  /** A stage of the work, such as `searching`, with what is known of it. */
  onStage(stage: string, facts: Record<string, unknown>): void;
}

/**
 * Sends a request to a feature and follows its events until the result. `fetch` could not report how much of a photo is sent.
 * @throws RequestFailure
 */
export function follow<N extends RouteName>(
  route: N,
  body: FormData | (RequestTo<N> extends { body: infer B } ? B : never),
  watcher: Watcher,
  signal: AbortSignal,
): Promise<AnswerOf<N>> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const parser = createParser({
      onEvent({ event = '', data }) {
        const facts = JSON.parse(data) as Record<string, unknown>;
        if (event === 'result') resolve(facts['data'] as AnswerOf<N>);
        else if (event === 'error') reject(failureOfEvent(facts));
        else watcher.onStage(event, facts);
      },
    });
    let read = 0;
    const feed = () => {
      if (request.status !== 200) return;
      parser.feed(request.responseText.slice(read));
      read = request.responseText.length;
    };
    request.upload.onprogress = ({ loaded, total }) => watcher.onSent(total > 0 ? loaded / total : 1);
    request.onprogress = feed;
    request.onload = () => {
      feed();
      // After a result or an error this changes nothing.
      reject(request.status === 200 ? unreachable() : failureOfAnswer(request));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new RequestFailure(0, { code: 'stopped', error: 'You have stopped it.' }));
    signal.addEventListener('abort', () => request.abort());
    request.open('POST', addressOf(route, {}));
    const isForm = body instanceof FormData;
    const headers = {
      accept: 'text/event-stream',
      ...ownHeaders(),
      ...(!isForm && { 'content-type': 'application/json' }),
    };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(isForm ? body : JSON.stringify(body));
  });
}

const failureOfEvent = (facts: Record<string, unknown>): RequestFailure =>
  failureFrom(
    Number(facts['status']),
    facts,
    facts['retryAfterSeconds'] === undefined ? null : String(facts['retryAfterSeconds']),
  );

function failureOfAnswer(request: XMLHttpRequest): RequestFailure {
  let body: unknown;
  try {
    body = JSON.parse(request.responseText);
  } catch {
    body = undefined; // Not of the app: the status alone is shown.
  }
  return failureFrom(request.status, body, request.getResponseHeader('retry-after'));
}
