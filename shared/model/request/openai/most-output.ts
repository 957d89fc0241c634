import { pricedModel } from '../../../pricing/price-book.ts';
import { contextWindow } from '../context-window.ts';

/** The most tokens that the models of a family answer with, by how their names begin; the first that fits counts. */
const families: readonly [RegExp, number][] = [
  [/^gpt-3\.5/, 4_096],
  [/^gpt-4-turbo/, 4_096],
  [/^gpt-(4o|audio)/, 16_384],
  [/^gpt-4\.1/, 32_768],
  [/^o1-mini/, 65_536],
  [/^o\d/, 100_000],
  [/^gpt-/, 128_000],
  [/^gemini-(1\.5|2\.0)/, 8_192],
  [/^gemini-/, 65_536],
  [/^grok-3/, 131_072],
  [/^grok-4\.[5-7]/, 500_000],
];

/** The most tokens of one answer where a request names no maximum: the model's own, or all of its context. */
export function mostOutputTokens(model: string): number {
  const name = pricedModel(model) ?? model;
  return families.find(([begins]) => begins.test(name))?.[1] ?? contextWindow(model);
}

/** Models that answer without reasoning first: all that they write is in their answer. */
const plain = /^(gpt-3\.5|gpt-4|gpt-audio|gemini-1\.5|gemini-2\.0|gemini-pro|grok-2|grok-3(?!-mini)|text-embedding)/;

/** False for a model that reasons, or may: what it thinks is paid for and not shown. */
export const showsAllOutput = (model: string): boolean => plain.test(pricedModel(model) ?? model);
