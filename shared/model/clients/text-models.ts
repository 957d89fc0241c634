import type { ClientOptions, OpenAI } from 'openai';
import type { Settings } from '../../config/settings.ts';
import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import { fieldsOf } from '../usage/openai-usage.ts';
import { resolveModel } from './aliases.ts';
import { type ChatKeySettings, chatProviders } from './chat-providers.ts';
import type { AnthropicLoader } from './load-anthropic.ts';
import type { TextAnswer, TextModel, TextRequest } from './text-model.ts';

export const textProviders = ['anthropic', 'openai', 'google', 'xai'] as const;
export type TextProvider = (typeof textProviders)[number];

type KeySettings = ChatKeySettings & Pick<Settings, 'ANTHROPIC_PLATFORM' | 'ANTHROPIC_API_KEY' | 'MODEL_ALIASES'>;

export interface TextModelServices {
  settings: KeySettings;
  /** Tracked. */
  anthropic: AnthropicLoader;
  /** A tracked `fetch` for a chat provider; the argument is its Pay-i category. */
  chatFetch(category: string): typeof fetch;
}

/**
 * A model of any provider that answers texts; its calls are tracked.
 * @throws TrailmeterError 503 `provider_not_configured` when the provider has no key.
 */
export function createTextModel(provider: TextProvider, model: string, services: TextModelServices): TextModel {
  if (provider === 'anthropic') return anthropicText(model, services);
  const { label, category, reach } = chatProviders[provider];
  const { apiKey, baseURL } = reach(services.settings);
  if (!apiKey) throw notConfigured(`${label} API key not configured`);
  // No repetitions: the SDK would repeat our own refusals too (a limit, an event that is nowhere), and pay a second time.
  const options = { apiKey, baseURL, fetch: services.chatFetch(category), maxRetries: 0, logLevel: 'warn' } as const;
  let client: Promise<OpenAI> | undefined;
  return {
    provider,
    model,
    async complete(request) {
      client ??= openChat(options);
      return completeChat(await client, provider, model, request);
    },
  };
}

/** The library is loaded by the first call, since most processes make none. */
async function openChat(options: ClientOptions): Promise<OpenAI> {
  const { OpenAI } = await import('./openai-sdk.ts');
  return new OpenAI(options);
}

function anthropicText(requested: string, { settings, anthropic }: TextModelServices): TextModel {
  if (settings.ANTHROPIC_PLATFORM === 'anthropic' && !settings.ANTHROPIC_API_KEY)
    throw notConfigured('Anthropic client not initialized');
  const model = resolveModel(requested, settings.MODEL_ALIASES);
  return {
    provider: 'anthropic',
    model,
    async complete({ system, prompt, maxTokens, signal }) {
      // Streams, since the SDK refuses long answers otherwise.
      const { messages } = await anthropic();
      const answer = await messages
        .stream(
          {
            model,
            max_tokens: maxTokens,
            ...(system && { system }),
            messages: [{ role: 'user', content: prompt }],
          },
          signal ? { signal } : {},
        )
        .finalMessage();
      return {
        text: answer.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(''),
        model: answer.model,
        truncated: answer.stop_reason === 'max_tokens' || answer.stop_reason === 'model_context_window_exceeded',
        refused: answer.stop_reason === 'refusal',
      };
    },
  };
}

async function completeChat(
  client: OpenAI,
  provider: TextProvider,
  model: string,
  { system, prompt, maxTokens, signal }: TextRequest,
): Promise<TextAnswer> {
  // The library passes on whatever came with a status of success.
  const answer: unknown = await client.chat.completions.create(
    {
      model,
      // OpenAI's reasoning models refuse `max_tokens`; the others' endpoints may not know the newer name.
      ...(provider === 'openai' ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens }),
      messages: [
        ...(system ? [{ role: 'system' as const, content: system }] : []),
        { role: 'user' as const, content: prompt },
      ],
    },
    signal ? { signal } : {},
  );
  const { choices, model: answeredBy } = fieldsOf(answer);
  const choice = fieldsOf(Array.isArray(choices) ? choices[0] : undefined);
  const message = fieldsOf(choice['message']);
  const content = message['content'];
  return {
    // What is not a text is not an answer, as none is.
    text: typeof content === 'string' ? content : '',
    model: typeof answeredBy === 'string' ? answeredBy : model,
    truncated: choice['finish_reason'] === 'length',
    refused: choice['finish_reason'] === 'content_filter' || Boolean(message['refusal']),
  };
}

const notConfigured = (message: string): TrailmeterError =>
  new TrailmeterError('provider_not_configured', message, { status: 503 });
