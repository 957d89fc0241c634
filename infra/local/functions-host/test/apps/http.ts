import { setTimeout as delay } from 'node:timers/promises';
import { app, type HttpHandler, type HttpRequest, type HttpResponseInit } from '@azure/functions';

/** Shows how the host serves HTTP; streaming when the setting STREAM says so. */
app.setup({ enableHttpStream: process.env['STREAM'] === 'yes' });

const seen = async (request: HttpRequest) => ({
  method: request.method,
  url: request.url,
  headers: Object.fromEntries(request.headers),
  query: [...request.query],
  params: request.params,
  body: await request.text(),
});

const tells =
  (name: string): HttpHandler =>
  async (request) => ({ headers: { 'x-function': name }, jsonBody: await seen(request) });

const http = (name: string, route: string, options: Partial<Parameters<typeof app.http>[1]> = {}) =>
  app.http(name, { route, handler: tells(name), ...options });

http('plain', 's', { handler: async () => ({ body: 'ok' }) });
http('echo', 'echo', { methods: ['GET', 'POST'] });
http('onlyPost', 'only-post', { methods: ['POST'] });
http('optionalInt', 'items/{id:int?}');
http('guidItem', 'guids/{id:guid}');
http('alphaItem', 'alphas/{name:alpha:length(2,4)}');
http('fileItem', 'files/{name}.{type}');
// Two functions of one route: the first by name gets the request.
http('bSecond', 'same/{x}');
http('aFirst', 'same/{y}');
http('reserved', 'administrators');
http('keyed', 'keyed', { authLevel: 'function' });
http('forAdmin', 'for-admin', { authLevel: 'admin' });
http('zzRest', 'rest/{*rest}');
if (process.env['CATCH_ALL']) http('zzzAll', '{*all}', { methods: ['GET', 'PUT'] });

http('throws', 'throws', {
  handler: () => {
    throw new Error('thrown on purpose');
  },
});
http('nothing', 'nothing', { handler: async () => undefined as unknown as HttpResponseInit });
http('cookies', 'cookies', {
  handler: async () => ({
    headers: { 'set-cookie': 'plain=1' },
    cookies: [{ name: 'c', value: 'v w', path: '/', httpOnly: true, sameSite: 'Lax', maxAge: 60 }],
  }),
});

http('length', 'length', {
  handler: async (request) => {
    try {
      return { body: String((await request.text()).length) };
    } catch {
      return { body: 'not read' };
    }
  },
});

let runToTheEnd = 0;
http('events', 'events', {
  handler: async () => {
    async function* events() {
      for (const number of [1, 2, 3]) {
        yield Buffer.from(`data: ${number}\n\n`);
        await delay(40);
      }
      runToTheEnd += 1;
    }
    return { headers: { 'content-type': 'text/event-stream' }, body: events() };
  },
});
http('ended', 'ended', { handler: async () => ({ jsonBody: runToTheEnd }) });
http('pid', 'pid', { handler: async () => ({ jsonBody: process.pid }) });
http('slow', 'slow', {
  handler: async (_request, context) => {
    await delay(300);
    context.log('slow has ended');
    return { body: 'ended' };
  },
});
app.hook.appTerminate(() => console.log('app terminates'));
