import { asModelId } from '../../model-id.ts';
import { measure } from '../measure.ts';
import type { RequestShape } from '../request-shape.ts';
import { dearerMember, isCount, membersOf, noServerSide } from './chat-shape.ts';
import { mostOutputTokens, showsAllOutput } from './most-output.ts';
import { responsesRequest } from './response-rules.ts';

/** The shape of a request of the Responses API. */
export function readResponseShape(body: unknown): RequestShape {
  const fields = membersOf(body);
  const { tools, ...measured } = measure(body, responsesRequest);
  const model = asModelId(fields['model']) ?? '';
  const unknown = measured.unknown ?? dearerMember(fields);
  const most = fields['max_output_tokens'];
  return {
    ...measured,
    ...noServerSide,
    model,
    stream: fields['stream'] === true,
    maxTokens: isCount(most) ? most : mostOutputTokens(model),
    output: { name: 'max_output_tokens', times: 1, rest: 0 },
    opaqueBy: [...measured.opaqueBy, ...(unknown === undefined ? [] : [unknown])],
    hasTools: tools.length > 0,
    hidesOutput: !showsAllOutput(model),
    unknown,
  };
}
