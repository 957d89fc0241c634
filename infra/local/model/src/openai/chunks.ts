import type { Completion } from './completion.ts';

const PIECE = 24;

/** The chunks of a streamed completion, encoded. With `showUsage` each has the member `usage`, and a last one the figures. */
export function* chunksOf(
  head: Record<string, unknown>,
  { message, finishReason, usage }: Completion,
  choices: number,
  showUsage: boolean,
): Generator<string> {
  const { id, created, model, ...rest } = head;
  const encoded = (list: unknown[], used: unknown = null): string => {
    const chunk = { id, object: 'chat.completion.chunk', created, model, ...rest, choices: list };
    return `data: ${JSON.stringify(showUsage ? { ...chunk, usage: used } : chunk)}\n\n`;
  };
  const part = (index: number, delta: unknown, reason: string | null = null): string =>
    encoded([{ index, delta, logprobs: null, finish_reason: reason }]);
  for (let index = 0; index < choices; index += 1) {
    yield part(index, { role: 'assistant', content: message.content === null ? null : '', refusal: null });
    for (const content of pieces(message.content ?? '')) yield part(index, { content });
    for (const audio of soundPieces(message.audio)) yield part(index, { audio });
    if (message.refusal) yield part(index, { refusal: message.refusal });
    for (const [place, call] of (message.tool_calls ?? []).entries()) {
      const { name, arguments: given } = call.function;
      yield part(index, { tool_calls: [{ index: place, ...call, function: { name, arguments: '' } }] });
      for (const piece of pieces(given))
        yield part(index, { tool_calls: [{ index: place, function: { arguments: piece } }] });
    }
    yield part(index, {}, finishReason);
  }
  if (showUsage) yield encoded([], usage);
  yield 'data: [DONE]\n\n';
}

const SOUND_PIECE = 32_000;

/** As it comes: its id, its transcript, its data and until when it is kept. */
function* soundPieces(sound: Completion['message']['audio']): Generator<object> {
  if (!sound) return;
  const { id, data, expires_at, transcript } = sound;
  yield { id };
  for (const piece of pieces(transcript)) yield { transcript: piece };
  for (let at = 0; at < data.length; at += SOUND_PIECE) yield { data: data.slice(at, at + SOUND_PIECE) };
  yield { expires_at };
}

/** Cuts a text without cutting a character. */
function* pieces(text: string): Generator<string> {
  const characters = Array.from(text);
  for (let at = 0; at < characters.length; at += PIECE) yield characters.slice(at, at + PIECE).join('');
}
