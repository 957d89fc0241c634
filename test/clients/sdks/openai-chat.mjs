import OpenAI from 'openai';
import { PROMPT, place, TOOL } from './tool.mjs';

export const installed = 'openai';
export const api = 'openai';

export function open({ url, apiKey, model }) {
  const client = new OpenAI({ baseURL: `${url}/openai/v1`, apiKey });
  const request = { model, messages: [{ role: 'user', content: PROMPT }] };
  const textOf = ({ choices }) => choices[0].message.content;
  return {
    json: async () => textOf(await client.chat.completions.create(request)),
    async stream() {
      let text = '';
      for await (const { choices } of await client.chat.completions.create({ ...request, stream: true }))
        text += choices[0]?.delta.content ?? '';
      return text;
    },
    async tools() {
      let called;
      const runner = client.chat.completions.runTools({
        ...request,
        tools: [
          {
            type: 'function',
            function: {
              name: TOOL,
              description: 'The weather',
              parameters: place,
              parse: JSON.parse,
              function() {
                called = TOOL;
                return 'dry';
              },
            },
          },
        ],
      });
      return { text: await runner.finalContent(), called };
    },
    async abort() {
      const stream = await client.chat.completions.create({ ...request, stream: true });
      for await (const { choices } of stream) if (choices[0]?.delta.content) stream.controller.abort();
    },
    statusOf: ({ status }) => status,
  };
}
