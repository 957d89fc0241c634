import type { EffortMember } from './request/form-members.ts';
import { readChatShape } from './request/openai/chat-shape.ts';
import { readEmbeddingsShape } from './request/openai/embeddings-shape.ts';
import { readResponseShape } from './request/openai/response-shape.ts';
import { type RequestShape, readMessagesShape } from './request/request-shape.ts';
import { type AnswerReading, readMessage } from './usage/answer-reading.ts';
import { ChatStreamReading } from './usage/chat-stream.ts';
import { readChatCompletion } from './usage/chat-usage.ts';
import { readEmbeddings } from './usage/embeddings-usage.ts';
import { ResponseStreamReading, readResponse } from './usage/response-usage.ts';
import { MessageStreamReading, type StreamReading } from './usage/stream-reading.ts';

/** How a provider's API is read: which requests cost money, and what their answers used. */
export interface Dialect {
  /** Pay-i's category. */
  category: string;
  /** OpenTelemetry's name for what its calls do. */
  operation: 'chat' | 'embeddings';
  /** Whether a request is one model call; all others pass unmetered. */
  meters(method: string, path: string): boolean;
  /** @param betas the header `anthropic-beta` of the request */
  readRequest(body: unknown, betas?: string | null): RequestShape;
  /** Where a request says how hard the model should think; absent: nowhere. */
  effortAt?: EffortMember;
  readAnswer(body: unknown): AnswerReading;
  /** Absent: no streams are read. */
  readStream?(): StreamReading;
}

/** Anthropic's Messages API. The SDK's clients for Foundry, Bedrock and Vertex speak it too; their category differs. */
export const messagesDialect = (category = 'system.anthropic'): Dialect => ({
  category,
  operation: 'chat',
  meters: (method, path) => method.toUpperCase() === 'POST' && path.endsWith('/v1/messages'),
  readRequest: readMessagesShape,
  effortAt: ['output_config', 'effort'],
  readAnswer: readMessage,
  readStream: () => new MessageStreamReading(),
});

/** OpenAI's chat completions, which Google and xAI offer as well. */
export const chatDialect = (category: string): Dialect => ({
  category,
  operation: 'chat',
  meters: (method, path) => method.toUpperCase() === 'POST' && path.endsWith('/chat/completions'),
  readRequest: readChatShape,
  effortAt: ['reasoning_effort'],
  readAnswer: readChatCompletion,
  readStream: () => new ChatStreamReading(),
});

/** OpenAI's embeddings. */
export const embeddingsDialect = (category: string): Dialect => ({
  category,
  operation: 'embeddings',
  meters: (method, path) => method.toUpperCase() === 'POST' && path.endsWith('/embeddings'),
  readRequest: readEmbeddingsShape,
  readAnswer: readEmbeddings,
});

/** OpenAI's Responses API, which xAI offers as well. */
export const responsesDialect = (category: string): Dialect => ({
  category,
  operation: 'chat',
  meters: (method, path) => method.toUpperCase() === 'POST' && path.endsWith('/responses'),
  readRequest: readResponseShape,
  effortAt: ['reasoning', 'effort'],
  readAnswer: readResponse,
  readStream: () => new ResponseStreamReading(),
});
