import { invalidField, invalidFields } from '../../errors/request-errors.ts';
import { editedBody } from '../../util/bytes/body-edit.ts';
import { findJsonFault, type MemberSpan } from '../../util/json/json-faults.ts';

/** A request as Vertex AI takes it; all bytes of the body but one member stay as they are. */
export interface VertexRequest {
  /** In the path. */
  model: string;
  /** Vertex AI's name for how it is answered. */
  method: 'rawPredict' | 'streamRawPredict';
  body: Uint8Array[];
}

/** A call: the member that names the version stands in place of `model`. @throws RequestError 400 for a body that is not one */
export function vertexMessage(bytes: Uint8Array, version: string): VertexRequest {
  const members = membersOf(bytes);
  const span = members.get('model');
  const model = span && textOf(bytes, span);
  if (!span || typeof model !== 'string' || model === '') throw invalidField('model', 'is missing');
  const streams = members.get('stream');
  const isStream = streams !== undefined && textOf(bytes, streams) === true;
  return {
    model,
    method: isStream ? 'streamRawPredict' : 'rawPredict',
    body: editedBody(bytes, [{ start: span.nameStart, end: span.end, text: versionMember(version) }]),
  };
}

/** A count of tokens is a model of its own, and `model` stays in the body. @throws RequestError 400 for a body that is not one */
export function vertexCount(bytes: Uint8Array, version: string): VertexRequest {
  const first = [...membersOf(bytes).values()].sort((a, b) => a.nameStart - b.nameStart)[0];
  if (!first) throw invalidField('model', 'is missing');
  const at = first.nameStart;
  const body = editedBody(bytes, [{ start: at, end: at, text: `${versionMember(version)},` }]);
  return { model: 'count-tokens', method: 'rawPredict', body };
}

const versionMember = (version: string): string => `"anthropic_version":${JSON.stringify(version)}`;

function membersOf(bytes: Uint8Array): ReadonlyMap<string, MemberSpan> {
  const members = new Map<string, MemberSpan>();
  if (findJsonFault(bytes, { depth: Infinity, values: Infinity }, members))
    throw invalidFields([{ field: 'body', problem: 'has a member twice' }]);
  if (members.has('anthropic_version')) throw invalidField('anthropic_version', 'must not be set: it is a header here');
  return members;
}

function textOf(bytes: Uint8Array, { start, end }: MemberSpan): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.subarray(start, end)).toString('utf8'));
  } catch (cause) {
    throw invalidField('body', 'is not JSON', undefined, cause);
  }
}
