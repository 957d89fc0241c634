import { asModelId } from '../../model-id.ts';
import { measure } from '../measure.ts';
import type { RequestShape } from '../request-shape.ts';
import { listRule, objectRule, type Rule, textRule } from '../rules.ts';
import { membersOf, noServerSide } from './chat-shape.ts';

/** Texts, or tokens: a number is one. */
const embeddingsRequest: Rule = objectRule({
  model: textRule,
  input: listRule(listRule(textRule)),
  dimensions: textRule,
  encoding_format: textRule,
  user: textRule,
});

/** The shape of a request for embeddings, which have no output that is paid for. */
export function readEmbeddingsShape(body: unknown): RequestShape {
  const { tools: _none, ...measured } = measure(body, embeddingsRequest);
  return {
    ...measured,
    ...noServerSide,
    model: asModelId(membersOf(body)['model']) ?? '',
    stream: false,
    maxTokens: 0,
    output: { name: 'max_tokens', times: 1, rest: 0 },
    opaqueBy: measured.unknown === undefined ? [] : [measured.unknown],
    hasTools: false,
    hidesOutput: false,
  };
}
