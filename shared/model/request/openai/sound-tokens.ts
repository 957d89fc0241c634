import { noteOpaque, type Rule } from '../rules.ts';

/** Google's models; OpenAI's make 10 of a second that they hear. */
const MOST_TOKENS_PER_SECOND = 32;
/** Frames of 72 ms with nothing but their headers, in the form of MP3 that leaves the bit rate open. */
const LEAST_MP3_BYTES_PER_SECOND = 180;
/** More than the context of any model. */
const UNKNOWN_LENGTH = 4_000_000;
/** The header of a WAV file, up to its rate. */
const HEADER_BYTES = 28;
/** Samples that are numbers, of a whole byte at least: all other codecs may pack many into one. */
const plainCodecs = [1, 3];

/** Notes the most tokens that a part with a sound can become. */
export const noteSound: NonNullable<Rule['note']> = (part, found, name) => {
  const { data, format }: Record<string, unknown> = Object(part['input_audio']);
  const tokens = typeof data === 'string' ? mostSoundTokens(data, format) : undefined;
  if (tokens === undefined) noteOpaque(part, found, name);
  found.soundTokens += tokens ?? UNKNOWN_LENGTH;
};

/** A sound that the provider has kept: it may be as long as the context is. */
export const noteKeptSound: NonNullable<Rule['note']> = (object, found, name) => {
  noteOpaque(object, found, name);
  found.soundTokens += UNKNOWN_LENGTH;
};

/** Undefined where nothing in the request bounds how long the sound is. @param data base64 */
export function mostSoundTokens(data: string, format: unknown): number | undefined {
  const bytes = Math.ceil((data.length * 3) / 4);
  const perSecond = format === 'mp3' ? LEAST_MP3_BYTES_PER_SECOND : format === 'wav' ? wavBytesPerSecond(data) : 0;
  return perSecond > 0 ? Math.ceil((bytes / perSecond) * MOST_TOKENS_PER_SECOND) : undefined;
}

/** The least that a second takes: one byte a sample. 0 where the header does not say it. */
function wavBytesPerSecond(data: string): number {
  const header = Buffer.from(data.slice(0, HEADER_BYTES * 2), 'base64');
  if (header.length < HEADER_BYTES) return 0;
  const isWav = header.toString('latin1', 0, 4) === 'RIFF' && header.toString('latin1', 8, 16) === 'WAVEfmt ';
  return isWav && plainCodecs.includes(header.readUInt16LE(20)) ? header.readUInt32LE(24) : 0;
}
