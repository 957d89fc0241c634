import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { app } from '@azure/functions';
import { refuseUnclaimedRequests } from '../../../../../functions/services/refuse-unclaimed-requests.ts';

/** Refuses what no invocation takes after 300 ms, and shows the process from within. */
app.setup({ enableHttpStream: true });
refuseUnclaimedRequests(300);

let port: number | undefined;
subscribe('http.server.request.start', (message) => {
  port = (message as { request: IncomingMessage }).request.socket.localPort;
});

app.http('port', { route: 'port', handler: async () => ({ body: String(port) }) });
app.http('slow', {
  route: 'slow',
  handler: async () => {
    await delay(900);
    return { body: 'done' };
  },
});

// Whether the library still keeps a request with this id: an invocation of it would get it at once.
app.http('kept', {
  route: 'kept/{id}',
  handler: async ({ params: { id } }) => {
    const core = createRequire(`${process.cwd()}/`)('@azure/functions-core');
    const invocation = core.getProgrammingModel().getInvocationModel({
      invocationId: id,
      request: { inputData: [{ name: 'request', data: {} }], triggerMetadata: {} },
      metadata: { name: 'kept', bindings: { request: { type: 'httpTrigger', direction: 'in' } } },
    });
    const taken = invocation.getArguments().then(() => 'kept');
    return { body: await Promise.race([taken, delay(50, 'gone')]) };
  },
});
