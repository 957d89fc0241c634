import type { Settings } from '../../config/settings.ts';

/** Settings that say how providers with OpenAI's API are reached. */
export type ChatKeySettings = Pick<
  Settings,
  | 'OPENAI_API_KEY'
  | 'OPENAI_BASE_URL'
  | 'GOOGLE_API_KEY'
  | 'GOOGLE_AI_API_KEY'
  | 'GOOGLE_BASE_URL'
  | 'XAI_API_KEY'
  | 'XAI_BASE_URL'
>;

export type ChatProvider = keyof typeof chatProviders;

/**
 * The three that speak OpenAI's chat completions. The categories are Pay-i's own, Google's the one that it has for all of
 * Google's models; it has none for xAI, and one that is not its own must not begin with `system.`.
 */
export const chatProviders = {
  openai: {
    label: 'OpenAI',
    category: 'system.openai',
    reach: (s: ChatKeySettings) => ({ apiKey: s.OPENAI_API_KEY, baseURL: s.OPENAI_BASE_URL }),
  },
  google: {
    label: 'Google',
    category: 'system.google.vertex',
    reach: (s: ChatKeySettings) => ({ apiKey: s.GOOGLE_API_KEY ?? s.GOOGLE_AI_API_KEY, baseURL: s.GOOGLE_BASE_URL }),
  },
  xai: {
    label: 'xAI',
    category: 'xai',
    reach: (s: ChatKeySettings) => ({ apiKey: s.XAI_API_KEY, baseURL: s.XAI_BASE_URL }),
  },
};
