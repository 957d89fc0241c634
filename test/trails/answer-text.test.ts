import type Anthropic from '@anthropic-ai/sdk';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerIn, createMark, lastText } from '../../shared/trails/reading/answer-text.ts';

const MARK = 'answer-0123456789ab';
const ANSWER = '{"a":1}';
const marked = `<${MARK}>${ANSWER}</${MARK}>`;

test.each([
  ['alone', ANSWER],
  ['with space around it', `\n ${ANSWER} \n`],
  ['in a fence', `\`\`\`json\n${ANSWER}\n\`\`\``],
  ['marked', marked],
  ['marked, in a fence', `<${MARK}>\n\`\`\`json\n${ANSWER}\n\`\`\`\n</${MARK}>`],
  ['marked, between prose', `I searched {a lot}. ${marked} Drive safely!`],
  ['marked, before another object', `${marked} (ignored {"a":2})`],
  ['marked, behind another object', `{"a":2}\n\`\`\`json\n{"a":3}\n\`\`\`\n${marked}`],
  [
    'marked, with a guessed mark around another',
    `<answer>{"a":2}</answer><answer-ffffffffffff>{"a":3}</answer-ffffffffffff>${marked}`,
  ],
])('%s', (_name, text) => {
  expect(answerIn(text, MARK)).toEqual({ answer: { a: 1 } });
});

test.each([
  ['nothing', '', 'the answer is missing'],
  ['prose', 'I found nothing.', 'the answer must be one JSON object'],
  ['a list', '[{"a":1}]', 'the answer must be one JSON object'],
  ['null', 'null', 'the answer must be one JSON object'],
  ['cut off', '{"a":[1,2', 'the answer must be one JSON object'],
  ['a comma too many', '{"a":1,}', 'the answer must be one JSON object'],
  ['an object between prose', `As a page says: ${ANSWER}`, 'the answer must be one JSON object'],
  ['two objects', `${ANSWER}\n{"a":2}`, 'the answer must be one JSON object'],
  ['a fence between prose', `See:\n\`\`\`json\n${ANSWER}\n\`\`\``, 'the answer must be one JSON object'],
  ['marked twice', `${marked}${marked}`, 'the tags of the answer must be there once'],
  ['marked without an end', `<${MARK}>${ANSWER}`, 'the tags of the answer must be there once'],
  ['marked the wrong way round', `</${MARK}>${ANSWER}<${MARK}>`, 'the tags of the answer must be there once'],
  ['a member twice', '{"difficulty":5,"difficulty":1}', 'the member difficulty must be there once'],
  ['a member twice, deep inside', '{"a":[{"b":5,"\\u0062":1}]}', 'the member b must be there once'],
  ['very deep', '{"a":'.repeat(5_000), 'the answer is too deep or too long'],
])('not an answer: %s', (_name, text, fault) => {
  expect(answerIn(text, MARK)).toEqual({ fault });
});

test('without a mark, tags are only text', () => {
  expect(answerIn(marked)).toEqual({ fault: 'the answer must be one JSON object' });
});

test('whatever is quoted around it, the marked answer is the answer', () => {
  const quoted = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((json) => `\`\`\`json\n${json}\n\`\`\``),
    fc.json().map((json) => `<answer>${json}</answer>`),
  );
  fc.assert(
    fc.property(quoted, quoted, fc.dictionary(fc.string(), fc.string()), (before, after, value) => {
      const text = `${before}<${MARK}>${JSON.stringify(value)}</${MARK}>${after}`;
      expect(answerIn(text, MARK).answer).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('marks can’t be guessed', () => {
  const marks = Array.from({ length: 100 }, createMark);
  expect(new Set(marks).size).toBe(100);
  for (const one of marks) expect(one).toMatch(/^answer-[0-9a-f]{12}$/);
});

test('the last text is what follows the last search, joined over citations', () => {
  const text = (part: string) => ({ type: 'text', text: part, citations: null }) as Anthropic.TextBlock;
  const search = { type: 'web_search_tool_result' } as Anthropic.ContentBlock;
  expect(lastText([text('{"a":2}'), search, text('{"a"'), text(':1}')])).toBe('{"a":1}');
  expect(lastText([text('{"a":2}'), search])).toBe('');
});
