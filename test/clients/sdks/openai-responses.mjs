import OpenAI from 'openai';
import { PROMPT, place, TOOL } from './tool.mjs';

export const installed = 'openai';
export const api = 'openai';

export function open({ url, apiKey, model }) {
  const client = new OpenAI({ baseURL: `${url}/openai/v1`, apiKey });
  const request = { model, input: PROMPT };
  return {
    json: async () => (await client.responses.create(request)).output_text,
    async stream() {
      let text = '';
      for await (const event of await client.responses.create({ ...request, stream: true }))
        if (event.type === 'response.output_text.delta') text += event.delta;
      return text;
    },
    async tools() {
      const tools = [{ type: 'function', name: TOOL, description: 'The weather', parameters: place, strict: false }];
      const asked = await client.responses.create({ ...request, tools });
      const call = asked.output.find(({ type }) => type === 'function_call');
      const output = { type: 'function_call_output', call_id: call.call_id, output: 'dry' };
      const input = [{ role: 'user', content: PROMPT }, ...asked.output, output];
      return { called: call.name, text: (await client.responses.create({ model, tools, input })).output_text };
    },
    async abort() {
      const stream = await client.responses.create({ ...request, stream: true });
      for await (const { type } of stream) if (type === 'response.output_text.delta') stream.controller.abort();
    },
    statusOf: ({ status }) => status,
  };
}
