import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../../../shared/util/clock.ts';
import { apiError } from './api-error.ts';
import type { Met } from './fault.ts';
import { type Answer, bodyText } from './http.ts';

/** The answer that a fault with a status gives. */
export function faultAnswer(fault: Met): Answer | undefined {
  const { status, code } = fault;
  if (status === undefined) return undefined;
  const headers: Record<string, string> = {
    ...fault.headers,
    ...(fault.retryAfter !== undefined && { 'retry-after': String(fault.retryAfter) }),
  };
  const detail = 'A fault of the stand-in.';
  switch (fault.answer) {
    case 'empty':
      return { status, headers };
    case 'html':
      return { status, headers, contentType: 'text/html', body: `<html><h1>${status}</h1>${detail}</html>` };
    case 'problem':
      return { status, headers, contentType: 'application/problem+json', body: { title: 'Error', status, detail } };
    case 'api':
      return { status, headers, body: apiError(status, code, detail) };
  }
}

const PIECES = 8;

/** Sends the head at once and the body in pieces over `ms`. */
export async function slowly(response: ServerResponse, answer: Answer, ms: number, clock: Clock): Promise<void> {
  const text = bodyText(answer);
  response.writeHead(answer.status, { ...answer.headers, 'content-type': 'application/json; charset=utf-8' });
  response.flushHeaders();
  const size = Math.max(1, Math.ceil(text.length / PIECES));
  for (let at = 0; at < text.length && !response.destroyed; at += size) {
    await clock.sleep(ms / PIECES);
    response.write(text.slice(at, at + size));
  }
  response.end();
}
