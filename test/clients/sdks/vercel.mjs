import { generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { PROMPT, TOOL } from './tool.mjs';

/** Calls of the Vercel AI SDK, whoever provides its model. */
export const vercelCases = (model) => ({
  json: async () => (await generateText({ model, prompt: PROMPT })).text,
  async stream() {
    let text = '';
    for await (const part of streamText({ model, prompt: PROMPT }).textStream) text += part;
    return text;
  },
  async tools() {
    let called;
    const weather = tool({
      description: 'The weather',
      inputSchema: z.object({ place: z.string() }),
      async execute() {
        called = TOOL;
        return 'dry';
      },
    });
    const stopWhen = stepCountIs(3);
    const { text } = await generateText({ model, prompt: PROMPT, tools: { [TOOL]: weather }, stopWhen });
    return { text, called };
  },
  async abort() {
    const stop = new AbortController();
    const { textStream } = streamText({ model, prompt: PROMPT, abortSignal: stop.signal });
    for await (const _part of textStream) stop.abort();
  },
  /** After repetitions the last failure stands in another error. */
  statusOf: ({ statusCode, lastError }) => statusCode ?? lastError?.statusCode,
});
