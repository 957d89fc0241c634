import type { RequestShape } from '../request-shape.ts';
import { mostOutputTokens, showsAllOutput } from './most-output.ts';

/**
 * The shape of a request that is sent to another model: what it takes from its model is that of the other one.
 * @param namesMaximum whether the request itself says how long an answer may be
 */
export function forModel(shape: RequestShape, model: string, namesMaximum: boolean): RequestShape {
  const { api, maxTokens, output } = shape;
  if (api !== 'openai') return { ...shape, model };
  const isOpen = maxTokens > 0 && !namesMaximum;
  return {
    ...shape,
    model,
    hidesOutput: !showsAllOutput(model),
    maxTokens: isOpen ? output.times * mostOutputTokens(model) + output.rest : maxTokens,
  };
}
