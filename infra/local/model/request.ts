import { z } from 'zod';
import { ApiProblem, invalid } from './errors.ts';
import { findModel, type ModelFacts } from './models.ts';

const block = z.looseObject({ type: z.string() });
const content = z.union([z.string(), z.array(block)]);

const messageRequestSchema = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.number().int().min(0),
  messages: z
    .array(z.strictObject({ role: z.enum(['user', 'assistant', 'system']), content }))
    .min(1)
    .max(100_000),
  system: content.optional(),
  stream: z.boolean().optional(),
  stop_sequences: z.array(z.string()).optional(),
  thinking: z.looseObject({ type: z.string(), budget_tokens: z.number().int().optional() }).optional(),
  tools: z.array(z.looseObject({ name: z.string().optional(), type: z.string().nullish() })).optional(),
  tool_choice: z.looseObject({ type: z.string(), name: z.string().optional() }).optional(),
  output_config: z
    .looseObject({
      format: z.looseObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }).nullish(),
    })
    .optional(),
  cache_control: z.looseObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish(),
  inference_geo: z.string().nullish(),
  speed: z.enum(['standard', 'fast']).nullish(),
});
export type MessageRequest = z.infer<typeof messageRequestSchema>;
export type Block = z.infer<typeof block>;

/** A request of the token counter has no `max_tokens`. */
const countRequestSchema = messageRequestSchema.extend({ max_tokens: z.number().int().min(0).default(1) });

export interface Decoded {
  request: MessageRequest;
  model: ModelFacts;
}

/**
 * Decodes and checks the body of `POST /v1/messages` or, with `counting`, of the token counter.
 * @throws ApiProblem 400 or 404 in the API's words.
 */
export function decodeRequest(body: unknown, apiVersion: string, counting = false): Decoded {
  const decoded = (counting ? countRequestSchema : messageRequestSchema).safeParse(body);
  if (!decoded.success) {
    const issue = decoded.error.issues[0];
    throw invalid(`${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'is invalid'}`);
  }
  const request = decoded.data;
  const model = findModel(request.model);
  if (!model) throw new ApiProblem(404, `model: ${request.model}`);
  refuseSampling(request, apiVersion);
  refuseByModel(request, model);
  if (request.max_tokens === 0 && request.stream) throw invalid('max_tokens: 0 cannot be used with stream');
  return { request, model };
}

function refuseSampling(request: MessageRequest, apiVersion: string): void {
  const given = ['temperature', 'top_p', 'top_k'].find((name) => request[name] !== undefined && request[name] !== null);
  if (given && apiVersion >= '2026-10-21') throw invalid(`${given}: Extra inputs are not permitted`);
}

function refuseByModel(request: MessageRequest, model: ModelFacts): void {
  if (request.max_tokens > model.maxOutput) {
    throw invalid(
      `max_tokens: ${request.max_tokens} > ${model.maxOutput}, which is the maximum allowed number of output tokens for ${model.id}`,
    );
  }
  const thinking = request.thinking?.type;
  if (thinking !== undefined && !model.thinking.some((kind) => kind === thinking)) {
    throw invalid(
      `thinking.type: "${thinking}" is not supported by ${model.id}; use one of ${model.thinking.join(', ')}`,
    );
  }
  if (thinking === 'enabled' && (request.thinking?.budget_tokens ?? 0) < 1_024) {
    throw invalid('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
  }
  if (request.messages.at(-1)?.role === 'assistant' && !model.prefill && !endsInServerTool(request)) {
    throw invalid(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  }
  if (request.inference_geo && !model.geography) throw invalid(`inference_geo is not supported by ${model.id}`);
  const choice = request.tool_choice?.type;
  if ((choice === 'any' || choice === 'tool') && !model.forcedTools) {
    throw invalid(`tool_choice.type: "${choice}" is not supported by ${model.id}`);
  }
  refuseSearchTool(request, model);
}

/** A paused turn goes back as it was: its last block is not a text to go on with. */
function endsInServerTool(request: MessageRequest): boolean {
  const last = request.messages.at(-1)?.content;
  return Array.isArray(last) && last.some((item) => item.type === 'server_tool_use');
}

function refuseSearchTool(request: MessageRequest, model: ModelFacts): void {
  const tool = searchTool(request);
  if (!tool) return;
  if (tool['allowed_domains'] && tool['blocked_domains']) {
    throw invalid('tools: only one of allowed_domains and blocked_domains can be given');
  }
  const callers = tool['allowed_callers'];
  const direct = Array.isArray(callers) && callers.length === 1 && callers[0] === 'direct';
  if (tool.type !== 'web_search_20250305' && !model.filteredSearch && !direct) {
    throw invalid(`tools: ${tool.type} needs allowed_callers ["direct"] on ${model.id}`);
  }
}

/** The web search tool of a request, if it has one. */
export const searchTool = (request: MessageRequest) =>
  request.tools?.find((tool) => tool.type?.startsWith('web_search_'));

/** The text that the request gives the model to read: system prompt, then messages. */
export function promptText(request: MessageRequest): string {
  const texts = (part: string | Block[] | undefined): string[] =>
    typeof part === 'string'
      ? [part]
      : (part ?? []).flatMap((item) => (typeof item['text'] === 'string' ? [item['text']] : []));
  return [...texts(request.system), ...request.messages.flatMap((message) => texts(message.content))].join('\n');
}
