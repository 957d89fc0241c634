import { expect, test } from 'vitest';
import { readChatShape } from '../../shared/model/request/openai/chat-shape.ts';
import { forModel } from '../../shared/model/request/openai/for-model.ts';
import { readMessagesShape } from '../../shared/model/request/request-shape.ts';

const messages = [{ role: 'user', content: 'Which trail?' }];
const chat = (more: object = {}) => readChatShape({ model: 'gpt-4o', messages, ...more });

test('a message keeps all but its model', () => {
  const shape = readMessagesShape({ model: 'claude-opus-5-5', messages });
  expect(forModel(shape, 'claude-haiku-5-5', false)).toEqual({ ...shape, model: 'claude-haiku-5-5' });
});

test('a completion without a maximum is as long as the other model can write, for each of its choices', () => {
  expect(chat().maxTokens).toBe(16_384);
  expect(forModel(chat(), 'gpt-4.1', false)).toMatchObject({ model: 'gpt-4.1', maxTokens: 32_768, hidesOutput: false });
  expect(forModel(chat({ n: 3 }), 'gpt-4.1', false).maxTokens).toBe(3 * 32_768);
  const predicted = chat({ prediction: { type: 'content', content: 'x'.repeat(100) } });
  expect(predicted.output.rest).toBeGreaterThan(0);
  expect(forModel(predicted, 'gpt-4.1', false).maxTokens).toBe(32_768 + predicted.output.rest);
});

test('with a maximum it keeps its length', () => {
  expect(forModel(chat({ max_completion_tokens: 50 }), 'gpt-4.1', true).maxTokens).toBe(50);
});

test('a request that writes nothing stays so', () => {
  expect(forModel({ ...chat(), maxTokens: 0 }, 'gpt-4.1', false).maxTokens).toBe(0);
});

test('whether it hides what it writes follows the other model', () => {
  expect(chat().hidesOutput).toBe(false);
  expect(forModel(chat(), 'gpt-5-nano', true).hidesOutput).toBe(true);
});
