const PIECE = 24;

interface Answer {
  status: string;
  output: readonly Record<string, unknown>[];
  [member: string]: unknown;
}

/** The events of a streamed response, encoded. The last one has all of it. */
export function* responseEvents(answer: Answer): Generator<string> {
  let sequence = 0;
  const encoded = (type: string, data: object): string => {
    const event = `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence, ...data })}\n\n`;
    sequence += 1;
    return event;
  };
  const begun = { ...answer, status: 'in_progress', output: [], usage: null, incomplete_details: null };
  yield encoded('response.created', { response: begun });
  yield encoded('response.in_progress', { response: begun });
  for (const [output_index, item] of answer.output.entries()) {
    const place = { item_id: item['id'], output_index };
    if (item['type'] === 'function_call') {
      const given = String(item['arguments']);
      yield encoded('response.output_item.added', {
        output_index,
        item: { ...item, arguments: '', status: 'in_progress' },
      });
      for (const delta of pieces(given)) yield encoded('response.function_call_arguments.delta', { ...place, delta });
      yield encoded('response.function_call_arguments.done', { ...place, name: item['name'], arguments: given });
    } else {
      const [part] = item['content'] as { text: string }[];
      const at = { ...place, content_index: 0 };
      yield encoded('response.output_item.added', {
        output_index,
        item: { ...item, content: [], status: 'in_progress' },
      });
      yield encoded('response.content_part.added', { ...at, part: { ...part, text: '' } });
      for (const delta of pieces(part?.text ?? ''))
        yield encoded('response.output_text.delta', { ...at, delta, logprobs: [] });
      yield encoded('response.output_text.done', { ...at, text: part?.text, logprobs: [] });
      yield encoded('response.content_part.done', { ...at, part });
    }
    yield encoded('response.output_item.done', { output_index, item });
  }
  yield encoded(`response.${answer.status}`, { response: answer });
}

/** Cuts a text without cutting a character. */
function* pieces(text: string): Generator<string> {
  const characters = Array.from(text);
  for (let at = 0; at < characters.length; at += PIECE) yield characters.slice(at, at + PIECE).join('');
}
