import { PROMPT, place, TOOL } from './tool.mjs';

/** Calls of the official SDK. Its versions 0.x and 1.x have the same methods. */
export const anthropicCases = (Anthropic, { url, apiKey, model }) => {
  const client = new Anthropic({ baseURL: `${url}/anthropic`, apiKey });
  const request = { model, max_tokens: 200, messages: [{ role: 'user', content: PROMPT }] };
  const textOf = ({ content }) => content.map((block) => block.text ?? '').join('');
  return {
    json: async () => textOf(await client.messages.create(request)),
    stream: async () => textOf(await client.messages.stream(request).finalMessage()),
    async tools() {
      const tools = [{ name: TOOL, description: 'The weather', input_schema: place }];
      const asked = await client.messages.create({ ...request, tools });
      const use = asked.content.find(({ type }) => type === 'tool_use');
      const result = { type: 'tool_result', tool_use_id: use.id, content: 'dry' };
      const messages = [
        ...request.messages,
        { role: 'assistant', content: asked.content },
        { role: 'user', content: [result] },
      ];
      return { called: use.name, text: textOf(await client.messages.create({ ...request, tools, messages })) };
    },
    async abort() {
      const stream = client.messages.stream(request);
      stream.on('text', () => stream.abort());
      await stream.done();
    },
    statusOf: ({ status }) => status,
  };
};
