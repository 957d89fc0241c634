import type { BodyEdit } from '../../util/bytes/body-edit.ts';
import type { ProviderJson } from '../reading/provider-json.ts';

/**
 * A stream of chat completions says what it used only where the request asks for it (`stream_options.include_usage`): so we ask.
 * Undefined where the client asks, or there is no stream.
 */
export function askForUsage(bytes: Uint8Array, { body, spans }: ProviderJson): BodyEdit | undefined {
  const { stream, stream_options: options } = Object(body) as Record<string, unknown>;
  if (stream !== true || Object(options).include_usage === true) return undefined;
  const asked = JSON.stringify({ ...(typeof options === 'object' && options), include_usage: true });
  const span = spans.get('stream_options');
  if (span) return { start: span.start, end: span.end, text: asked };
  const begin = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('{') + 1;
  return { start: begin, end: begin, text: `"stream_options":${asked},` };
}
