/** As much as the provider takes, with room for what is around it. */
const BYTES = 33_000_000;
const BLANKS_FROM = 24_000_000;
/** As much as our own routes take. */
const OWN_BYTES = 80_000_000;
/** What a body may have of values, members counted too. */
const VALUES = 115_000;

const list = (value: (n: number) => string, count: number): string =>
  `[${Array.from({ length: count }, (_, n) => value(n)).join()}]`;
const padded = (text: string): string => text.padEnd(BLANKS_FROM, ' ');
const png = `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${'A'.repeat(320_000)}"}}`;

const said = (content: string): string => `[{"role":"user","content":${content}}]`;
const toolInput = (input: string): string =>
  `[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"n","input":${input}}]}]`;

/** Requests to a model, as lists of messages, each as large as the provider takes and slow to read in its own way. */
const conversations: Readonly<Record<string, () => string>> = {
  'one text': () => said(`"${'x'.repeat(BYTES)}"`),
  'one text in Chinese': () => said(`"${'中'.repeat(BYTES / 3)}"`),
  'one text of escapes': () => toolInput(`{"a":"${'\\u0001'.repeat(BYTES / 6)}"}`),
  'images in base64': () => said(list(() => png, 100)),
  'many small messages': () => list(() => `{"role":"user","content":"${'x'.repeat(600)}"}`, 48_000),
  'many names': () => toolInput(`{${list((n) => `"${'n'.repeat(200)}${n}":1`, VALUES).slice(1, -1)}}`),
  'many objects': () => padded(said(list(() => '{}', VALUES))),
  'many numbers': () => said(list(() => '1', BYTES / 2)),
};
const ask = (model: string, messages: string, more = ''): string =>
  `{"model":"${model}","max_tokens":10,"messages":${messages}${more}}`;
const batched = (n: number, params: string): string => `{"custom_id":"${n}","params":${params}}`;
const small = ask('claude-sonnet-5-5', said('"x"'));

export interface LargeBody {
  name: string;
  path: string;
  type?: string;
  draw(): string;
}

/** Bodies of the largest kind for each route that takes them. The calls of Haiku are near a limit. */
export const largeBodies: readonly LargeBody[] = [
  ...Object.entries(conversations).flatMap(([name, messages]): LargeBody[] => [
    { name, path: '/anthropic/v1/messages', draw: () => ask('claude-haiku-5-5', messages()) },
    { name, path: '/openai/v1/chat/completions', draw: () => ask('gpt-4o', messages()) },
    {
      name: `a batch of ${name}`,
      path: '/anthropic/v1/messages/batches',
      draw: () => `{"requests":[${batched(1, ask('claude-sonnet-5-5', messages()))}]}`,
    },
  ]),
  {
    name: 'many fallbacks',
    path: '/anthropic/v1/messages',
    draw: () => padded(ask('claude-haiku-5-5', '[]', `,"fallbacks":${list(() => '{}', VALUES)}`)),
  },
  {
    name: 'many requests',
    path: '/anthropic/v1/messages/batches',
    draw: () => padded(`{"requests":${list((n) => batched(n, small), 15_000)}}`),
  },
  {
    name: 'many texts',
    path: '/openai/v1/embeddings',
    draw: () => `{"model":"text-embedding-3-small","input":${list(() => `"${'x'.repeat(150)}"`, 200_000)}}`,
  },
  {
    name: 'many items',
    path: '/openai/v1/responses',
    draw: () =>
      padded(`{"model":"gpt-4o","store":false,"input":${list(() => '{"role":"user","content":"x"}', 40_000)}}`),
  },
  { name: 'one text', path: '/api/analyze', draw: () => `{"images":["${'A'.repeat(OWN_BYTES)}"]}` },
  {
    name: 'many texts',
    path: '/api/analyze',
    draw: () => `{"images":${list(() => `"${'A'.repeat(20_000)}"`, 4_000)}}`,
  },
  { name: 'many quotes', path: '/api/analyze', draw: () => `{"images":["${'\\"'.repeat(OWN_BYTES / 2)}"]}` },
  { name: 'many numbers', path: '/api/analyze', draw: () => `{"images":${list(() => '1', OWN_BYTES / 2)}}` },
  {
    name: 'a form of many lines',
    path: '/api/analyze',
    type: 'multipart/form-data; boundary=b',
    draw: () =>
      `--b\r\ncontent-disposition: form-data; name="images"; filename="a"\r\n\r\nGIF89a${'\r\n--'.repeat(OWN_BYTES / 4)}`,
  },
  {
    name: 'wrong members',
    path: '/api/limits/check',
    draw: () => `{"model":"x",${list((n) => `"m${n}":{}`, 6_000).slice(1, -1)}}`,
  },
  { name: 'wrong policies', path: '/api/limit-policies/plan', draw: () => `{"policies":${list(() => '{}', 9_000)}}` },
  { name: 'wrong events', path: '/api/admin/dead-letters/replay', draw: () => `{"ids":${list(() => '1', 15_000)}}` },
  { name: 'one text', path: '/judge', draw: () => `{"prompt":"${'x'.repeat(OWN_BYTES)}"}` },
  { name: 'many texts', path: '/analyze', draw: () => `{"images":${list(() => `"${'A'.repeat(20_000)}"`, 4_000)}}` },
];
