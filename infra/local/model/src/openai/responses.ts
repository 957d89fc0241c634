import { z } from 'zod';
import { askedSchema } from '../answers/asked-schema.ts';
import { featureOf } from '../answers/feature.ts';
import { invalid } from '../errors.ts';
import { type Exchange, type ModelState, throwScripted, waitBefore } from '../exchange.ts';
import { idFrom } from '../random.ts';
import { sendBody, sendEvents } from '../reply.ts';
import { type Completion, createCompletion } from './completion.ts';
import { openAiEnvelope } from './problem.ts';
import { type ChatRequest, chatPrompt, decodeChat } from './request.ts';
import { responseEvents } from './response-events.ts';

const item = z.looseObject({
  type: z.string().optional(),
  role: z.string().optional(),
  content: z.unknown().optional(),
});
const responsesSchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(item).min(1)]),
  instructions: z.string().nullish(),
  max_output_tokens: z.number().int().min(16).nullish(),
  stream: z.boolean().nullish(),
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
  text: z.looseObject({ format: z.looseObject({ type: z.string() }).optional() }).nullish(),
});
type ResponsesRequest = z.output<typeof responsesSchema>;

/** `POST /v1/responses`, as JSON or as server-sent events. */
export async function answerResponse(exchange: Exchange, state: ModelState): Promise<void> {
  const { response, call } = exchange;
  const decoded = responsesSchema.safeParse(exchange.body);
  if (!decoded.success) throw invalid(`${decoded.error.issues[0]?.path.join('.') || 'body'}: is invalid`);
  const request = decoded.data;
  const chat = asChat(request);
  const prompt = chatPrompt(chat);
  const feature = featureOf(prompt, chat.response_format?.json_schema?.schema ?? askedSchema(prompt));
  Object.assign(call, { model: request.model, feature, stream: request.stream === true });
  const outcome = state.script.next(feature);
  await waitBefore(state, outcome.delayMs);
  throwScripted(outcome);
  const key = `${state.seed}:${state.ordinal()}`;
  const { usage: scripted, ...rest } = outcome;
  const completion = createCompletion(chat, feature, rest, state.seed, key);
  const body = responseOf(request, completion, outcome.model, scripted, key, Math.floor(state.now() / 1_000));
  Object.assign(call, { responseId: body.id, stopReason: completion.finishReason, usage: body.usage });
  const headers = { 'x-request-id': exchange.requestId, ...outcome.headers };
  if (!request.stream) {
    call.outcome = await sendBody(response, 200, JSON.stringify(body), headers, outcome.breakAfter);
    return;
  }
  call.outcome = await sendEvents(
    response,
    responseEvents(body),
    headers,
    (problem) => `event: error\ndata: ${JSON.stringify({ ...openAiEnvelope(problem).error, type: 'error' })}\n\n`,
    outcome,
    outcome.eventDelayMs ?? state.eventDelayMs,
  );
}

/** The same request as a chat completion: the models answer both alike. */
function asChat({ model, input, instructions, max_output_tokens, tools, text }: ResponsesRequest): ChatRequest {
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  const messages = items.map((one) => {
    const { type = 'message', role = 'user', content } = one as Record<string, unknown>;
    return type === 'message' ? { role, content } : { role: type === 'function_call_output' ? 'tool' : 'assistant' };
  });
  const format = text?.format?.type === 'json_schema' ? { json_schema: { schema: text.format['schema'] } } : undefined;
  return decodeChat({
    model,
    messages: [...(instructions ? [{ role: 'system', content: instructions }] : []), ...messages],
    max_completion_tokens: max_output_tokens,
    tools: tools?.map((tool) => ({ type: tool.type, ...(tool.type === 'function' && { function: tool }) })),
    response_format: format,
  });
}

function responseOf(
  request: ResponsesRequest,
  { message, finishReason, usage }: Completion,
  model: string | undefined,
  scripted: Record<string, unknown> | undefined,
  key: string,
  created: number,
) {
  const isCut = finishReason === 'length';
  const status = isCut ? 'incomplete' : 'completed';
  const calls = (message.tool_calls ?? []).map((call) => ({
    id: idFrom('fc', key),
    type: 'function_call',
    status,
    call_id: call.id,
    ...call.function,
  }));
  const said = {
    id: idFrom('msg', key),
    type: 'message',
    status,
    role: 'assistant',
    content: [{ type: 'output_text', text: message.content ?? '', annotations: [], logprobs: [] }],
  };
  const details = usage['completion_tokens_details'] as { reasoning_tokens: number };
  return {
    id: idFrom('resp', key),
    object: 'response',
    created_at: created,
    status,
    background: false,
    error: null,
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    model: model ?? request.model,
    output: calls.length > 0 ? calls : [said],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    store: true,
    temperature: 1,
    text: { format: request.text?.format ?? { type: 'text' } },
    tool_choice: 'auto',
    tools: request.tools ?? [],
    top_p: 1,
    truncation: 'disabled',
    usage: {
      input_tokens: usage['prompt_tokens'],
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: usage['completion_tokens'],
      output_tokens_details: { reasoning_tokens: details.reasoning_tokens },
      total_tokens: usage['total_tokens'],
      ...scripted,
    },
    user: null,
    metadata: {},
  };
}
