import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { app } from '@azure/functions';
import { invalidField } from '../../shared/errors/request-errors.ts';
import { failure, failureOf } from '../../shared/http/answer.ts';

const ID_HEADER = 'x-ms-invocation-id';

/** What the worker supplies as `@azure/functions-core`, as far as it is used here. */
interface FunctionsCore {
  getProgrammingModel(): {
    getInvocationModel(context: object): {
      getArguments(): Promise<unknown>;
      getResponse(context: { invocationId: string }, result: unknown): Promise<unknown>;
    };
  };
}

/**
 * With HTTP streaming the worker's own server keeps each request in a table until an invocation with its
 * `x-ms-invocation-id` takes it. A request with any other id, sent by a client through a host that does not replace the header or
 * to the worker's port, would never be answered and never leave the table. Those are answered with 400 after `deadlineMs`.
 */
export function refuseUnclaimedRequests(deadlineMs = 10_000): void {
  const unclaimed = new Map<string, Unclaimed>();
  // The library does not hand out its server; Node names each request of any server here.
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    const id = request.headers[ID_HEADER];
    if (typeof id !== 'string') return;
    const known = unclaimed.get(id);
    if (known) return void known.responses.add(response);
    // An invocation that arrived while the event loop stood still is read before the immediate.
    const timer = setTimeout(() => setImmediate(() => refuse(id)), deadlineMs).unref();
    unclaimed.set(id, { responses: new Set([response]), timer });
  });
  app.hook.preInvocation(({ invocationContext: { invocationId } }) => {
    clearTimeout(unclaimed.get(invocationId)?.timer);
    unclaimed.delete(invocationId);
  });

  function refuse(id: string): void {
    const found = unclaimed.get(id);
    if (!found) return;
    unclaimed.delete(id);
    for (const response of found.responses) answer(response);
    // What this rejects with is that the answer has been sent, which it was.
    takeFromTable(id).catch(() => undefined);
  }
}

interface Unclaimed {
  /** More than one when an id comes again: the table forgets all but the last. */
  responses: Set<ServerResponse>;
  timer: NodeJS.Timeout;
}

function answer(response: ServerResponse): void {
  if (response.headersSent) return;
  const { status, headers, body } = failure(
    failureOf(invalidField(ID_HEADER, 'must not be sent: the function host sets it')),
  );
  // What is left of the body is not read.
  response.writeHead(status, { ...headers, connection: 'close' }).end(body);
}

/** Removes the request and its answer from the library's tables, as the invocation would. */
async function takeFromTable(invocationId: string): Promise<void> {
  const core = createRequire(`${process.cwd()}/`)('@azure/functions-core') as FunctionsCore;
  const invocation = core.getProgrammingModel().getInvocationModel({
    invocationId,
    request: { inputData: [{ name: 'request', data: {} }], triggerMetadata: {} },
    metadata: {
      name: 'unclaimed',
      bindings: { request: { type: 'httpTrigger', direction: 'in' }, $return: { type: 'http', direction: 'out' } },
    },
    log: () => undefined,
  });
  // The request is taken at once or not there; the answer is there in both cases.
  invocation.getArguments().catch(() => undefined);
  await invocation.getResponse({ invocationId }, { status: 400 });
}
