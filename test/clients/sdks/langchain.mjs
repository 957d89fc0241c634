import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { z } from 'zod';
import { PROMPT, TOOL } from './tool.mjs';

/** Calls of LangChain, whoever provides its chat model. */
export const langchainCases = (chat) => ({
  json: async () => (await chat.invoke(PROMPT)).text,
  async stream() {
    let text = '';
    for await (const chunk of await chat.stream(PROMPT)) text += chunk.text;
    return text;
  },
  async tools() {
    const weather = tool(async () => 'dry', {
      name: TOOL,
      description: 'The weather',
      schema: z.object({ place: z.string() }),
    });
    const bound = chat.bindTools([weather]);
    const asked = await bound.invoke([new HumanMessage(PROMPT)]);
    const [call] = asked.tool_calls;
    const result = new ToolMessage({ content: 'dry', tool_call_id: call.id });
    const { text } = await bound.invoke([new HumanMessage(PROMPT), asked, result]);
    return { text, called: call.name };
  },
  async abort() {
    const stop = new AbortController();
    for await (const chunk of await chat.stream(PROMPT, { signal: stop.signal })) if (chunk.text) stop.abort();
  },
  statusOf: ({ status }) => status,
});
