/** As much as the provider takes, with room for what is around it. */
const BYTES = 33_000_000;
const BLANKS_FROM = 24_000_000;

const list = (value: (n: number) => string, count: number): string =>
  `[${Array.from({ length: count }, (_, n) => value(n)).join()}]`;
const request = (messages: string): string => `{"model":"claude-haiku-5-5","max_tokens":10,"messages":${messages}}`;
const said = (content: string): string => request(`[{"role":"user","content":${content}}]`);
const padded = (text: string): string => text.padEnd(BLANKS_FROM, ' ');
const png = `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${'A'.repeat(320_000)}"}}`;
const toolInput = (input: string): string =>
  request(`[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"n","input":${input}}]}]`);

/** Bodies of a request of the Messages API, each as large as the provider takes and slow to read in its own way. */
export const largeBodies: Readonly<Record<string, () => string>> = {
  'one text': () => said(`"${'x'.repeat(BYTES)}"`),
  'one text in Chinese': () => said(`"${'中'.repeat(BYTES / 3)}"`),
  'one text of escapes': () => toolInput(`{"a":"${'\\u0001'.repeat(BYTES / 6)}"}`),
  'images in base64': () => said(list(() => png, 100)),
  'many small messages': () => request(list(() => `{"role":"user","content":"${'x'.repeat(600)}"}`, 48_000)),
  'many names': () => toolInput(`{${list((n) => `"${'n'.repeat(200)}${n}":1`, 115_000).slice(1, -1)}}`),
  'many objects': () => padded(said(list(() => '{}', 115_000))),
  'many numbers': () => said(list(() => '1', BYTES / 2)),
  'many fallbacks': () => padded(`${request('[]').slice(0, -1)},"fallbacks":${list(() => '{}', 115_000)}}`),
};
