import { z } from 'zod';
import { invalid } from '../errors.ts';

const parts = z.array(z.looseObject({ type: z.string().optional(), text: z.string().optional() }));
const toolSchema = z.looseObject({
  type: z.string(),
  function: z.looseObject({ name: z.string(), parameters: z.record(z.string(), z.unknown()).optional() }).optional(),
});

const chatRequestSchema = z.looseObject({
  model: z.string().min(1),
  messages: z.array(z.looseObject({ role: z.string(), content: z.union([z.string(), parts]).nullish() })).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.number().int().min(1).nullish(),
  max_completion_tokens: z.number().int().min(1).nullish(),
  modalities: z.array(z.string()).nullish(),
  audio: z.looseObject({ voice: z.unknown(), format: z.string() }).nullish(),
  n: z.number().int().min(1).max(128).nullish(),
  tools: z.array(toolSchema).nullish(),
  tool_choice: z
    .union([z.string(), z.looseObject({ function: z.looseObject({ name: z.string() }).optional() })])
    .nullish(),
  service_tier: z.string().nullish(),
  response_format: z
    .looseObject({ json_schema: z.looseObject({ schema: z.record(z.string(), z.unknown()) }).optional() })
    .nullish(),
});
export type ChatRequest = z.output<typeof chatRequestSchema>;

/** Models that reason before they answer. */
export const reasons = (model: string): boolean => /(^|\/)(o\d|gpt-[56])/.test(model);

/** @throws ApiProblem 400 as the API words it */
export function decodeChat(body: unknown): ChatRequest {
  const decoded = chatRequestSchema.safeParse(body);
  if (!decoded.success) {
    const issue = decoded.error.issues[0];
    throw invalid(`${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'is invalid'}`);
  }
  const request = decoded.data;
  if (speaks(request) && !request.audio) throw invalid("Missing required parameter: 'audio'.");
  if (request.stream_options && !request.stream)
    throw invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.");
  if (request.max_tokens && reasons(request.model))
    throw invalid(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    );
  return request;
}

/** Whether the answer is sound. */
export const speaks = ({ modalities }: Pick<ChatRequest, 'modalities'>): boolean =>
  modalities?.includes('audio') ?? false;

/** Base64 of the sounds of a conversation. */
export const soundsOf = ({ messages }: ChatRequest): string[] =>
  messages.flatMap(({ content }) =>
    typeof content === 'object' && content
      ? content.flatMap(({ input_audio: sound }) => {
          const { data }: { data?: unknown } = Object(sound);
          return typeof data === 'string' ? [data] : [];
        })
      : [],
  );

/** All texts of a conversation. */
export const chatPrompt = ({ messages }: ChatRequest): string =>
  messages
    .flatMap(({ content }) =>
      typeof content === 'string' ? [content] : (content ?? []).map((part) => part.text ?? ''),
    )
    .join('\n');

/** The function that an answer calls: the forced one, else the first, until it has a result. */
export function functionToCall({ tools, tool_choice: choice, messages }: ChatRequest) {
  const own = (tools ?? []).flatMap((tool) => (tool.function ? [tool.function] : []));
  if (choice === 'none') return undefined;
  const forced = typeof choice === 'object' ? choice?.function?.name : undefined;
  if (forced !== undefined) return own.find(({ name }) => name === forced);
  return messages.at(-1)?.role === 'tool' && choice !== 'required' ? undefined : own[0];
}
