import { APIConnectionTimeoutError, APIError } from '@anthropic-ai/sdk/core/error';
import { OpenAIError, APIConnectionTimeoutError as OpenAITimeoutError } from 'openai/core/error';
import { expect, test } from 'vitest';
import { callError } from '../../shared/trails/structured-output/errors.ts';

// As a bundle writes it that has two things of this name.
class AnthropicError2 extends Error {}
class APIConnectionTimeoutError3 extends AnthropicError2 {}

test.each([
  [new APIConnectionTimeoutError(), 'model_deadline'],
  [new OpenAITimeoutError(), 'model_deadline'],
  [new APIConnectionTimeoutError3('Request timed out.'), 'model_deadline'],
  [new APIError(529, undefined, 'Overloaded', undefined), 'model_overloaded'],
  [new OpenAIError('No answer.'), 'model_failed'],
  [new AnthropicError2('The stream ended.'), 'model_failed'],
])('an error of an SDK has our code, whatever its class is called in a bundle: %s', (error, code) => {
  expect(callError(error)).toMatchObject({ code });
});

test.each([new TypeError('x is not a function'), undefined, 'AnthropicError'])('%s stays what it is', (error) => {
  expect(callError(error)).toBe(error);
});
