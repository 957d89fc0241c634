import { createParser } from 'eventsource-parser';
import type { paths } from '../generated/api.d.ts';
import { addressOf, type Failure, unreachable, withRetryAfter } from './client.ts';
import type { FeatureEvent, Watcher } from './features.ts';

/** Sends a form and reports how much of it is sent, which `fetch` cannot; then the events of the answer. */
export function upload(path: keyof paths, form: FormData, watcher: Watcher): Promise<void> {
  const request = new XMLHttpRequest();
  const parser = createParser({
    onEvent: ({ event, data }) => watcher.event({ event, data: JSON.parse(data) } as FeatureEvent),
  });
  let read = 0;
  const feed = (): void => {
    if (request.status !== 200) return;
    parser.feed(request.responseText.slice(read));
    read = request.responseText.length;
  };
  return new Promise((resolve) => {
    request.upload.onprogress = ({ loaded, total }) => watcher.sent(loaded / total);
    request.onprogress = feed;
    request.onload = () => {
      feed();
      if (request.status !== 200) watcher.failed(failureOf(request));
      resolve();
    };
    request.onerror = () => {
      watcher.failed(unreachable);
      resolve();
    };
    request.open('POST', addressOf(path));
    request.withCredentials = true;
    request.setRequestHeader('accept', 'text/event-stream');
    request.send(form);
  });
}

function failureOf(request: XMLHttpRequest): Failure {
  try {
    return withRetryAfter(JSON.parse(request.responseText) as Failure, request.getResponseHeader('retry-after'));
  } catch {
    return { code: 'unreadable', error: `The app answered ${request.status}.` };
  }
}
