import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents';
import OpenAI from 'openai';
import { z } from 'zod';
import { PROMPT, TOOL } from './tool.mjs';

export const installed = '@openai/agents';
export const api = 'openai';

export function open({ url, apiKey, model }) {
  const openAIClient = new OpenAI({ baseURL: `${url}/openai/v1`, apiKey });
  const modelProvider = new OpenAIProvider({ openAIClient, useResponses: true });
  const runner = new Runner({ modelProvider, tracingDisabled: true });
  const agent = (tools = []) => new Agent({ name: 'guide', model, tools });
  return {
    json: async () => (await runner.run(agent(), PROMPT)).finalOutput,
    async stream() {
      let text = '';
      const run = await runner.run(agent(), PROMPT, { stream: true });
      for await (const part of run.toTextStream()) text += part;
      return text;
    },
    async tools() {
      let called;
      const weather = tool({
        name: TOOL,
        description: 'The weather',
        parameters: z.object({ place: z.string() }),
        async execute() {
          called = TOOL;
          return 'dry';
        },
      });
      return { text: (await runner.run(agent([weather]), PROMPT)).finalOutput, called };
    },
    async abort() {
      const stop = new AbortController();
      const run = await runner.run(agent(), PROMPT, { stream: true, signal: stop.signal });
      for await (const _part of run.toTextStream()) stop.abort();
      await run.completed;
    },
    statusOf: ({ status }) => status,
  };
}
