import type { Spelling } from '../transport/transport.ts';
import { fromGuide } from './from-guide.ts';
import { toGuide } from './to-guide.ts';
import { toLive } from './to-live.ts';

export const payiDialects = ['live', 'guide'] as const;
/** `live`: as Pay-i's OpenAPI document and SDK have it. `guide`: as its integration guide spells requests. */
export type PayiDialect = (typeof payiDialects)[number];

export const spellings: Record<PayiDialect, Spelling> = {
  live: {
    authorization: (apiKey) => ({ 'xProxy-api-key': apiKey }),
    request: toLive,
    answer: (_, body) => body,
  },
  guide: {
    authorization: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
    request: toGuide,
    answer: fromGuide,
  },
};
