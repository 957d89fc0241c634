import type { Random } from '../../infra/local/model/src/random.ts';

const names = [
  'max_tokens',
  'model',
  'spare_tools',
  'Max_Tokens',
  '__proto__',
  'constructor',
  'max_tok\\u0065ns',
  'ä',
] as const;
const values = [
  '1',
  '128000',
  '"x"',
  'null',
  '[{"type":"web_search_20270101"}]',
  '{"type":"image","source":{}}',
] as const;

/** An object with any names, some of them twice. */
const members = (random: Random): string =>
  Array.from({ length: 1 + random.below(3) }, () => `"${random.pick(names)}":${random.pick(values)}`).join(',');

/** What is deep in a place where a request has JSON of its own. */
function nested(random: Random): string {
  const [open, close] = random.pick<readonly [string, string]>([
    ['{"a":', '}'],
    ['[', ']'],
    ['{"properties":{"a":', '}}'],
  ]);
  const levels = 1 + random.below(100_000);
  return `${open.repeat(levels)}1${close.repeat(levels)}`;
}

/** A Messages request with members that nobody knows, members that are there twice, or nesting without an end. */
export function hostileMessage(random: Random): Buffer {
  const block = random.pick([
    '{"type":"text","text":"hi"}',
    `{"type":"text","text":"hi",${members(random)}}`,
    '{"type":"block_of_2027","text":"hi"}',
    `{"type":"tool_use","id":"t","name":"n","input":${nested(random)}}`,
    `{"type":"tool_addition","tool":{"type":"tool_definition","definition":{"name":"n","input_schema":${nested(random)}}}}`,
  ]);
  const more = random.pick(['', `,${members(random)}`, `,"tools":[{"name":"n","input_schema":${nested(random)}}]`]);
  return Buffer.from(
    `{"model":"claude-haiku-5-5","max_tokens":5,"messages":[{"role":"user","content":[${block}]}]${more}}`,
  );
}
