import { app } from '@azure/functions';
import './cpu.ts';

/** The floor: a function that passes a call on with `fetch`, and nothing else. */
app.setup({ enableHttpStream: true });
app.http('pass-message', {
  route: 'anthropic/v1/messages',
  methods: ['POST'],
  authLevel: 'anonymous',
  async handler(request) {
    const answer = await fetch(`${process.env['ANTHROPIC_BASE_URL']}/v1/messages`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'anthropic-version': '2023-06-01',
        'x-api-key': process.env['ANTHROPIC_API_KEY'] ?? '',
      },
      body: await request.arrayBuffer(),
    });
    const headers = { 'content-type': answer.headers.get('content-type') ?? '' };
    if (headers['content-type'].startsWith('text/event-stream') && answer.body)
      return { status: answer.status, headers, body: answer.body };
    return { status: answer.status, headers, body: await answer.arrayBuffer() };
  },
});
