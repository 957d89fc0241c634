/** A longer line cannot be a message. In characters. */
const LONGEST_LINE = 67_108_864;

/** The lines of a text in UTF-8, without their ends. Empty ones are left out, and so are those that are too long to be kept. */
export async function* linesOf(body: ReadableStream<Uint8Array>, longest = LONGEST_LINE): AsyncGenerator<string> {
  let rest = '';
  let isTooLong = false;
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const [first = '', ...lines] = text.split('\n');
    rest = isTooLong ? '' : rest + first;
    for (const line of lines) {
      if (!isTooLong && rest.trim() !== '') yield rest;
      isTooLong = false;
      rest = line;
    }
    isTooLong ||= rest.length > longest;
  }
  if (!isTooLong && rest.trim() !== '') yield rest;
}
