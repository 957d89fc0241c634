import type { StreamEvent } from './stream.ts';

/** Since this version an answer names all its members, those without a value as null. Before it they are left out. */
const NAMED_SINCE = '2026-10-21';

type Members = Record<string, unknown>;

/** These are null in answers of every version. */
const alwaysNamed = new Set(['stop_reason', 'stop_sequence']);

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null;

const valued = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([name, value]) => value !== null || alwaysNamed.has(name)));

/** A block keeps its other members: null in the input of a tool is the caller's data. */
function withoutCitations(block: unknown): unknown {
  if (!isObject(block) || block['type'] !== 'text' || block['citations'] !== null) return block;
  const { citations: _, ...rest } = block;
  return rest;
}

function messageWithoutEmpty(message: Members): Members {
  const { content, usage } = message;
  return {
    ...valued(message),
    ...(Array.isArray(content) && { content: content.map(withoutCitations) }),
    ...(isObject(usage) && { usage: valued(usage) }),
  };
}

/** A message as an API of this `anthropic-version` writes it. */
export const messageOf = (version: string, message: object): object =>
  version >= NAMED_SINCE ? message : messageWithoutEmpty(message as Members);

/** Events of a stream as an API of this `anthropic-version` writes them. */
export function* eventsFor(version: string, events: Iterable<StreamEvent>): Generator<StreamEvent> {
  for (const event of events) {
    const { type, message, content_block, delta, usage } = event;
    if (version >= NAMED_SINCE) yield event;
    else if (type === 'message_start') yield { type, message: messageWithoutEmpty(message as Members) };
    else if (type === 'content_block_start') yield { ...event, content_block: withoutCitations(content_block) };
    else if (type === 'message_delta') yield { type, delta: valued(delta as Members), usage: valued(usage as Members) };
    else yield event;
  }
}
