import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import './cpu.ts';

/** The floor: functions that pass a call on with `fetch`, and nothing else. */
app.setup({ enableHttpStream: true });

const anthropic = process.env['ANTHROPIC_BASE_URL'];
app.http('pass-message', {
  route: 'anthropic/v1/messages',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: (request) =>
    passOn(request, `${anthropic}/v1/messages`, {
      'anthropic-version': '2023-06-01',
      'x-api-key': process.env['ANTHROPIC_API_KEY'] ?? '',
    }),
});
app.http('pass-chat-completion', {
  route: 'openai/v1/chat/completions',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: (request) =>
    passOn(request, `${process.env['OPENAI_BASE_URL']}/chat/completions`, {
      authorization: `Bearer ${process.env['OPENAI_API_KEY']}`,
    }),
});

async function passOn(request: HttpRequest, url: string, own: Record<string, string>): Promise<HttpResponseInit> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...own },
    body: await request.arrayBuffer(),
  });
  const headers = { 'content-type': answer.headers.get('content-type') ?? '' };
  if (headers['content-type'].startsWith('text/event-stream') && answer.body)
    return { status: answer.status, headers, body: answer.body };
  return { status: answer.status, headers, body: await answer.arrayBuffer() };
}
