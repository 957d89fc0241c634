/** A call of an API through a door. */
export interface CallKind {
  api: 'Anthropic' | 'OpenAI';
  mode: 'JSON' | 'SSE';
}

/** What the calls of one block came to. */
export interface Block {
  /** Of the process that is measured, for one call. */
  cpuUs: number;
  timesMs: number[];
}

/** A program that passes calls on, in a process of its own. */
export interface Door {
  /** What the process has used so far, in µs. */
  cpuUs(): Promise<number>;
  /** Where calls of an API go, and the headers that they need. */
  addressOf(api: CallKind['api']): { url: string; headers: Record<string, string> };
  close(): Promise<void>;
}

const CALLS_AT_ONCE = 16;
const prompt = 'Which trail near Moab suits a stock 4Runner in spring? '.repeat(30);
const messages = [{ role: 'user', content: prompt }];
const bodies = {
  Anthropic: { model: 'claude-haiku-5-5', max_tokens: 400, messages },
  OpenAI: { model: 'gpt-4.1-mini', max_tokens: 400, messages },
};
/** What only a whole answer has. */
const marks = {
  'Anthropic JSON': '"usage"',
  'Anthropic SSE': 'message_stop',
  'OpenAI JSON': '"usage"',
  'OpenAI SSE': '[DONE]',
};

/** Makes so many calls, 16 at once. @throws Error for an answer that is not whole */
export async function callBlock(door: Door, { api, mode }: CallKind, calls: number): Promise<Block> {
  const { url, headers } = door.addressOf(api);
  const body = JSON.stringify({ ...bodies[api], ...(mode === 'SSE' && { stream: true }) });
  const timesMs: number[] = [];
  let begun = 0;
  const caller = async () => {
    while (begun < calls) {
      begun += 1;
      const from = performance.now();
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', ...headers },
        body,
      });
      const text = await answer.text();
      if (!answer.ok || !text.includes(marks[`${api} ${mode}`]))
        throw new Error(`${url}: ${answer.status} ${text.slice(0, 300)}`);
      timesMs.push(performance.now() - from);
    }
  };
  const before = await door.cpuUs();
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, caller));
  return { cpuUs: ((await door.cpuUs()) - before) / calls, timesMs };
}
