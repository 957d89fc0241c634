import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { Batches } from './batches/batches.ts';
import { listed, type ModelCall } from './calls.ts';
import { ApiProblem, envelope, invalid, sendJson } from './errors.ts';
import type { Exchange, ModelState } from './exchange.ts';
import { Files } from './files/files.ts';
import { authenticate, readBody, readPath } from './incoming.ts';
import { PromptCache } from './messages/cache.ts';
import { decodeRequest } from './messages/decode-request.ts';
import { answerMessage } from './messages/messages.ts';
import { describeModel, listModels } from './messages/model-info.ts';
import { promptParts } from './messages/tokens.ts';
import { answerChat } from './openai/chat.ts';
import { answerEmbeddings } from './openai/embeddings.ts';
import { describeOpenAiModel, listOpenAiModels } from './openai/model-list.ts';
import { openAiEnvelope } from './openai/problem.ts';
import { answerResponse } from './openai/responses.ts';
import { idFrom } from './random.ts';
import { rateLimits } from './rate-limits.ts';
import { answerReport } from './report/answer-report.ts';
import { UsageReport } from './report/usage-report.ts';
import { type OutcomeInput, outcomeSchema, Script } from './script.ts';

export interface ModelOptions {
  /** Default 0: a free one. */
  port?: number;
  /** The same seed gives the same answers to the same requests, and the same ids in the same order. Default `1`. */
  seed?: string;
  /** Waits before each answer, in milliseconds. Default 0. */
  latencyMs?: number;
  /** Waits between the events of a stream, in milliseconds. Default 0. */
  eventDelayMs?: number;
  /** The only key that is let in; without, any key is, but none is refused. */
  apiKey?: string;
  /** Milliseconds since 1970, UTC: what the prompt cache's lifetimes go by. Default `Date.now`. */
  now?: () => number;
  /** How long a batch takes until all its requests are done, in milliseconds. Default 0. */
  batchMs?: number;
  /** How many of the latest calls are kept. Default 10,000. */
  keepCalls?: number;
}

export interface ModelStandIn {
  /** Without a path: the base URL of the Anthropic SDK. The OpenAI SDK's is `${url}/v1`. */
  url: string;
  port: number;
  /** Queues outcomes for the coming calls of `/v1/messages` and `/v1/chat/completions`. */
  script(...outcomes: OutcomeInput[]): void;
  /** How many queued outcomes no call has taken yet. */
  scripted(): number;
  /** Calls in the order in which they were answered, the token counter's and those of batches too. */
  calls(): readonly ModelCall[];
  /** How many calls were answered since the start, kept or not. */
  answered(): number;
  /** Forgets calls, the report of their usage, queued outcomes and the prompt cache. */
  reset(): void;
  /** Cuts open answers and stops listening. */
  close(): Promise<void>;
}

/** How many of the latest calls keep their request bodies, which may hold images. */
const KEPT_BODIES = 200;

const scriptSchema = z.union([outcomeSchema, z.array(outcomeSchema)]);

/** Starts the stand-in for the model providers' APIs on 127.0.0.1. */
export async function startModel(options: ModelOptions = {}): Promise<ModelStandIn> {
  const now = options.now ?? Date.now;
  let calls: ModelCall[] = [];
  let ordinal = 0;
  const state: ModelState = {
    seed: options.seed ?? '1',
    latencyMs: options.latencyMs ?? 0,
    eventDelayMs: options.eventDelayMs ?? 0,
    script: new Script(),
    cache: new PromptCache(now),
    now,
    ordinal: () => ++ordinal,
  };
  const keep = options.keepCalls ?? 10_000;
  let answered = 0;
  const report = new UsageReport();
  const record = (call: ModelCall): void => {
    answered += 1;
    report.note(call);
    calls.push(call);
    const older = calls.at(-1 - KEPT_BODIES);
    if (older) older.body = undefined;
    if (calls.length > keep) calls.splice(0, calls.length - keep);
  };
  const batches = new Batches(state, options.batchMs ?? 0, record);
  const files = new Files(state);
  const reset = (): void => {
    calls = [];
    report.clear();
    batches.clear();
    files.clear();
    state.script.clear();
    state.cache = new PromptCache(now);
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = readPath(request.url ?? '/');
    const route = `${request.method} ${path}`;
    if (path.startsWith('/_standin/')) return await inspect(route, request, response);
    const requestId = idFrom('req', `${state.seed}:${state.ordinal()}`);
    const headers = {
      'request-id': requestId,
      'anthropic-organization-id': 'org_local',
      'anthropic-workspace-id': 'wrkspc_local',
      ...rateLimits(now()),
    };
    const call: ModelCall = {
      requestId,
      path,
      at: now(),
      status: 200,
      model: undefined,
      responseId: undefined,
      feature: undefined,
      stream: false,
      stopReason: undefined,
      usage: undefined,
      outcome: 'failed',
      headers: request.headers,
      body: undefined,
    };
    try {
      if (/^GET \/v1\/organizations\/analytics\/(usage|cost)$/.test(route))
        return answerReport(request, response, path, { report, nowMs: now(), headers });
      authenticate(request, options.apiKey);
      if (/^GET \/v1\/models(\/|$)/.test(route)) return sendJson(response, 200, modelsAnswer(request, path), headers);
      if (/^\/v1\/messages\/batches(\/|$)/.test(path)) {
        return await batches.answer({
          method: request.method ?? 'GET',
          path,
          query: new URL(`http://127.0.0.1${request.url}`).searchParams,
          origin: `http://${request.headers.host}`,
          body: async () => JSON.parse(await readBody(request)) as unknown,
          response,
          headers: request.headers,
          answerHeaders: headers,
        });
      }
      if (/^\/v1\/files(\/|$)/.test(path)) return await files.answer(request, response, path, headers);
      const handler = handlers[route];
      if (!handler) throw new ApiProblem(404, `${route} is not a route of the stand-in`);
      call.body = JSON.parse(await readBody(request)) as unknown;
      await handler({ request, response, body: call.body, requestId, headers, call }, state);
    } catch (error) {
      const problem = asProblem(error);
      call.status = problem.status;
      if (response.headersSent) response.destroy();
      else {
        const isOpenAi =
          /^\/v1\/(chat\/|embeddings|responses)/.test(path) || (path.startsWith('/v1/models') && !isAnthropic(request));
        const body = isOpenAi ? openAiEnvelope(problem) : envelope(problem, requestId);
        sendJson(response, problem.status, body, { ...headers, ...problem.headers });
      }
    } finally {
      if (request.method === 'POST' && !/^\/v1\/(messages\/batches|files)/.test(path)) record(call);
    }
  }

  async function inspect(route: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (route === 'GET /_standin/calls') return sendJson(response, 200, { calls: calls.map(listed) });
    if (route === 'POST /_standin/reset') {
      reset();
      return sendJson(response, 200, { ok: true });
    }
    if (route !== 'POST /_standin/script') return sendJson(response, 404, { error: `${route} is not a route` });
    let outcomes: OutcomeInput[];
    try {
      outcomes = [scriptSchema.parse(JSON.parse(await readBody(request)))].flat();
    } catch (error) {
      return sendJson(response, 400, { error: error instanceof Error ? error.message : String(error) });
    }
    state.script.add(outcomes);
    sendJson(response, 200, { queued: state.script.length });
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    script: (...outcomes) => state.script.add(outcomes),
    calls: () => calls,
    scripted: () => state.script.length,
    answered: () => answered,
    reset,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const handlers: Record<string, (exchange: Exchange, state: ModelState) => Promise<void>> = {
  'POST /v1/messages': answerMessage,
  'POST /v1/messages/count_tokens': countTokens,
  'POST /v1/chat/completions': answerChat,
  'POST /v1/embeddings': answerEmbeddings,
  'POST /v1/responses': answerResponse,
};

async function countTokens({ request, response, body, headers, call }: Exchange): Promise<void> {
  const decoded = decodeRequest(body, request.headers, true);
  call.model = decoded.model.id;
  const parts = await promptParts(decoded.request, decoded.model);
  call.outcome = 'answered';
  sendJson(response, 200, { input_tokens: parts.reduce((sum, part) => sum + part.tokens, 0) }, headers);
}

/** Both APIs list their models at the same paths. */
function modelsAnswer(request: IncomingMessage, path: string): unknown {
  if (!isAnthropic(request)) return path === '/v1/models' ? listOpenAiModels() : describeOpenAiModel(path);
  if (path !== '/v1/models') return describeModel(path);
  return listModels(new URL(`http://127.0.0.1${request.url}`).searchParams);
}

const isAnthropic = ({ headers }: IncomingMessage): boolean =>
  headers['anthropic-version'] !== undefined || headers['x-api-key'] !== undefined;

function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof SyntaxError) return invalid('The request body is not valid JSON');
  // The stack's end: the API refuses such bodies too.
  if (error instanceof RangeError) return invalid('The request body nests too deeply');
  return new ApiProblem(500, error instanceof Error ? error.message : 'Internal server error');
}
