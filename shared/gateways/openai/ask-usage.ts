import { findJsonMember } from './json-member.ts';

/** A request as the provider gets it. */
export interface UsageAsked {
  bytes: Uint8Array;
  /** True where we asked for the usage, and the client did not. */
  isOurs: boolean;
}

/**
 * A stream of chat completions says what it used only where the request asks for it (`stream_options.include_usage`): so we ask.
 * All other bytes stay as they are.
 */
export function askForUsage(bytes: Uint8Array, body: unknown): UsageAsked {
  const { stream, stream_options: options } = Object(body) as Record<string, unknown>;
  if (stream !== true || Object(options).include_usage === true) return { bytes, isOurs: false };
  const asked = { ...(typeof options === 'object' && options), include_usage: true };
  const span = findJsonMember(bytes, 'stream_options');
  if (span) return { bytes: spliced(bytes, span.start, span.end, JSON.stringify(asked)), isOurs: true };
  const begin = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('{') + 1;
  return { bytes: spliced(bytes, begin, begin, `"stream_options":${JSON.stringify(asked)},`), isOurs: true };
}

const spliced = (bytes: Uint8Array, start: number, end: number, text: string): Uint8Array =>
  Buffer.concat([bytes.subarray(0, start), Buffer.from(text), bytes.subarray(end)]);
