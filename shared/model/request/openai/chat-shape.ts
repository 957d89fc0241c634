import { isRecord } from '../../../util/json/record.ts';
import { asModelId } from '../../model-id.ts';
import { measure } from '../measure.ts';
import type { RequestShape } from '../request-shape.ts';
import { chatRequest } from './chat-rules.ts';
import { mostOutputTokens, showsAllOutput } from './most-output.ts';

type Fields = Record<string, unknown>;

/** No API takes more choices. */
const MOST_CHOICES = 128;

/** The shape of a chat completion. */
export function readChatShape(body: unknown): RequestShape {
  const fields = membersOf(body);
  const { tools, ...measured } = measure(body, chatRequest);
  const model = asModelId(fields['model']) ?? '';
  const unknown = measured.unknown ?? dearerMember(fields);
  return {
    ...measured,
    ...noServerSide,
    model,
    stream: fields['stream'] === true,
    ...outputOf(fields, model),
    opaqueBy: [...measured.opaqueBy, ...(unknown === undefined ? [] : [unknown])],
    hasTools: tools.length > 0,
    hidesOutput: !showsAllOutput(model),
    ...(asksForSound(fields) && { speaks: true }),
    unknown,
  };
}

/** Members of a shape that only requests of the Messages API have. */
export const noServerSide = {
  api: 'openai',
  countable: false,
  fast: false,
  us: true,
  toolsets: 0,
  serverTools: [],
  webSearches: 0,
  others: [],
  compactsBy: undefined,
  longContext: false,
} satisfies Partial<RequestShape>;

/** A member whose value makes a call dearer than the book's prices. */
export function dearerMember({
  service_tier: tier,
  modalities,
  prompt_cache_options: cache,
}: Fields): string | undefined {
  if (typeof tier === 'string' && !['auto', 'default', 'flex'].includes(tier)) return 'service_tier of another kind';
  if (!areKnown(modalities ?? [])) return 'modalities of another kind';
  const ttl = membersOf(cache)['ttl'] ?? '30m';
  return ttl === '30m' ? undefined : 'prompt_cache_options.ttl of another kind';
}

const areKnown = (modalities: unknown): boolean =>
  Array.isArray(modalities) && modalities.every((one) => one === 'text' || one === 'audio');

/** Models that speak may do so where they are asked for one of both members. */
const asksForSound = ({ modalities, audio }: Fields): boolean =>
  isRecord(audio) || (Array.isArray(modalities) && modalities.includes('audio'));

/**
 * All choices together. Tokens of a prediction that the answer does not use are paid as output. Where both members are set, the
 * larger counts: providers differ in which they read.
 */
function outputOf(fields: Fields, model: string): Pick<RequestShape, 'maxTokens' | 'output'> {
  const { n, prediction } = fields;
  const names = ['max_tokens', 'max_completion_tokens'].filter((name) => isCount(fields[name]));
  const one = names.length > 0 ? Math.max(...names.map((name) => Number(fields[name]))) : mostOutputTokens(model);
  const times = n === undefined || n === null ? 1 : isCount(n) ? Math.max(1, Math.min(n, MOST_CHOICES)) : MOST_CHOICES;
  const rest = prediction === undefined ? 0 : Buffer.byteLength(JSON.stringify(prediction));
  const name = names.join(', ') || 'max_completion_tokens';
  return { maxTokens: times * one + rest, output: { name, times, rest } };
}

export const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 10_000_000;

export const membersOf = (value: unknown): Fields => (isRecord(value) ? value : {});
