import { z } from 'zod';

const block = z.looseObject({ type: z.string() });
const content = z.union([z.string(), z.array(block)]);

const format = z.looseObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }).nullish();

export const messageRequestSchema = z.looseObject({
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
  output_config: z.looseObject({ format }).optional(),
  output_format: format,
  cache_control: z.looseObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish(),
  inference_geo: z.enum(['us', 'global']).nullish(),
  speed: z.enum(['standard', 'fast']).nullish(),
});
export type MessageRequest = z.infer<typeof messageRequestSchema>;
export type Block = z.infer<typeof block>;

/** The request with `output_config.format` where it has the older name of it, `output_format`. */
export const withFormat = ({ output_format, ...request }: MessageRequest): MessageRequest =>
  output_format ? { ...request, output_config: { format: output_format, ...request.output_config } } : request;

/** The web search tool of a request, if it has one. */
export const searchTool = (request: MessageRequest) =>
  request.tools?.find((tool) => tool.type?.startsWith('web_search_'));

/** Does the model call this search tool itself? From the versions of 2026 on, code that it writes does, unless told otherwise. */
export function searchesDirectly(tool: Record<string, unknown>): boolean {
  const callers = tool['allowed_callers'];
  if (Array.isArray(callers)) return callers.length === 1 && callers[0] === 'direct';
  return tool['type'] === 'web_search_20250305';
}

/** The text that the request gives the model to read: system prompt, then messages. */
export function promptText(request: MessageRequest): string {
  const texts = (part: string | Block[] | undefined): string[] =>
    typeof part === 'string'
      ? [part]
      : (part ?? []).flatMap((item) => (typeof item['text'] === 'string' ? [item['text']] : []));
  return [...texts(request.system), ...request.messages.flatMap((message) => texts(message.content))].join('\n');
}
