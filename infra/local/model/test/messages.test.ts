import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { findPlace } from '../src/answers/places.ts';
import { FINDER_PROMPT, failure, standIn, textOf, user, webSearch } from './client.ts';

const context = standIn();
const MODEL = 'claude-sonnet-5-5';

describe('an answer', () => {
  it('has every member of Message and Usage, null where empty', async () => {
    const message = await context.client.messages.create({ model: MODEL, max_tokens: 500, messages: user('Hello') });
    expect(message).toEqual({
      id: expect.stringMatching(/^msg_01\w{22}$/),
      type: 'message',
      role: 'assistant',
      model: MODEL,
      content: expect.any(Array),
      stop_reason: 'end_turn',
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: {
        input_tokens: expect.any(Number),
        cache_creation_input_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        cache_read_input_tokens: 0,
        output_tokens: expect.any(Number),
        output_tokens_details: { thinking_tokens: expect.any(Number) },
        server_tool_use: null,
        service_tier: 'standard',
        speed: 'standard',
        inference_geo: 'global',
      },
    });
    expect(message._request_id).toMatch(/^req_01/);
  });

  it('is the same for the same request, but for its ids', async () => {
    const ask = () =>
      context.client.messages.create({ model: MODEL, max_tokens: 2_000, messages: user(FINDER_PROMPT) });
    const [first, second] = [await ask(), await ask()];
    expect(textOf(second)).toBe(textOf(first));
    expect(second.id).not.toBe(first.id);
  });

  it('names the model that an alias stands for', async () => {
    const message = await context.client.messages.create({
      model: 'claude-haiku-4-5',
      max_tokens: 50,
      messages: user('Hi'),
    });
    expect([message.model, message.usage.inference_geo]).toEqual(['claude-haiku-4-5-20251001', null]);
  });

  it('ends at max_tokens, with exactly that many', async () => {
    const message = await context.client.messages.create({
      model: MODEL,
      max_tokens: 150,
      messages: user(FINDER_PROMPT),
    });
    expect([message.stop_reason, message.usage.output_tokens]).toEqual(['max_tokens', 150]);
  });

  it('is empty for max_tokens 0', async () => {
    const message = await context.client.messages.create({ model: MODEL, max_tokens: 0, messages: user('Hi') });
    expect([message.content, message.stop_reason, message.usage.output_tokens]).toEqual([[], 'max_tokens', 0]);
  });

  it('ends at a stop sequence', async () => {
    const request = { model: MODEL, max_tokens: 3_000, messages: user(FINDER_PROMPT), stop_sequences: ['"location"'] };
    const message = await context.client.messages.create(request);
    expect([message.stop_reason, message.stop_sequence]).toEqual(['stop_sequence', '"location"']);
    expect(textOf(message)).not.toContain('"location"');
  });

  it("calls the caller's tool once, with input by its schema", async () => {
    const tools: Anthropic.Tool[] = [
      {
        name: 'weather',
        input_schema: {
          type: 'object',
          properties: { location: { type: 'string' }, days: { type: 'integer', minimum: 1 } },
          required: ['location', 'days'],
        },
      },
    ];
    const first = await context.client.messages.create({
      model: MODEL,
      max_tokens: 500,
      messages: user('Moab?'),
      tools,
    });
    const call = first.content.find((block) => block.type === 'tool_use');
    expect(first.stop_reason).toBe('tool_use');
    expect(call?.input).toEqual({ location: 'Moab, Utah', days: expect.any(Number) });
    const next = await context.client.messages.create({
      model: MODEL,
      max_tokens: 500,
      tools,
      messages: [
        ...user('Moab?'),
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: 'sunny' }] },
      ],
    });
    expect(next.stop_reason).toBe('end_turn');
  });
});

describe('a web search', () => {
  const ask = (more: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) =>
    context.client.messages.create({
      model: MODEL,
      max_tokens: 4_096,
      messages: user(FINDER_PROMPT),
      tools: [webSearch],
      ...more,
    });

  it('gives pages, and every address of the answer is one of them', async () => {
    const message = await ask();
    const pages = message.content.flatMap((block) =>
      block.type === 'web_search_tool_result' && Array.isArray(block.content)
        ? block.content.map(({ url }) => url)
        : [],
    );
    const text = textOf(message).replace(/^[^{]*/, '');
    const { recommendations } = JSON.parse(text) as { recommendations: { name: string; sourceUrl: string }[] };
    expect(recommendations.length).toBeGreaterThanOrEqual(4);
    for (const { sourceUrl } of recommendations) expect(pages).toContain(sourceUrl);
    const trails = findPlace(FINDER_PROMPT).trails.map(({ name }) => name);
    for (const { name } of recommendations) expect(trails).toContain(name);
    const cited = message.content.flatMap((block) => (block.type === 'text' ? (block.citations ?? []) : []));
    expect(cited).toHaveLength(recommendations.length);
    for (const citation of cited) {
      expect(citation).toMatchObject({ type: 'web_search_result_location', url: expect.stringMatching(/^https:/) });
    }
  });

  it('is counted, and its results are input of every later turn', async () => {
    const plain = await ask({ tools: [] });
    const message = await ask();
    const searches = message.content.filter((block) => block.type === 'server_tool_use').length;
    expect(message.usage.server_tool_use).toEqual({ web_search_requests: searches, web_fetch_requests: 0 });
    expect(message.usage.input_tokens).toBeGreaterThan((searches + 1) * plain.usage.input_tokens + 1_000 * searches);
  });

  it('keeps to max_uses and to the allowed domains', async () => {
    const message = await ask({ tools: [{ ...webSearch, max_uses: 1, allowed_domains: ['onxmaps.com'] }] });
    const results = message.content.flatMap((block) =>
      block.type === 'web_search_tool_result' && Array.isArray(block.content) ? block.content : [],
    );
    expect(message.usage.server_tool_use?.web_search_requests).toBe(1);
    expect(results.length).toBeGreaterThan(0);
    for (const { url } of results) expect(new URL(url).host).toBe('www.onxmaps.com');
  });

  it('by code, as the versions of 2026 do it: inside the call of that code, in a container', async () => {
    const filtered = { ...webSearch, type: 'web_search_20260209' } as unknown as Anthropic.WebSearchTool20250305;
    const { content, container, usage } = await ask({ tools: [filtered] });
    const code = content.find((block) => block.type === 'server_tool_use');
    expect(code).toMatchObject({ name: 'code_execution', caller: { type: 'direct' } });
    const inside = { type: 'code_execution_20260120', tool_id: code?.id };
    const found = content.filter((block) => block.type === 'web_search_tool_result');
    expect(found.map(({ caller }) => caller)).toEqual(found.map(() => inside));
    expect(found.length).toBe(usage.server_tool_use?.web_search_requests);
    const result = content.find((block) => block.type === 'code_execution_tool_result');
    expect(result).toMatchObject({ tool_use_id: code?.id, content: { type: 'encrypted_code_execution_result' } });
    expect(container).toMatchObject({ id: expect.stringMatching(/^container_/), expires_at: expect.any(String) });
  });

  it.each([
    [
      'called directly',
      { type: 'web_search_20260209', allowed_callers: ['direct'] },
      ['server_tool_use', 'web_search_tool_result'],
    ],
    [
      'with its pairs left out',
      { type: 'web_search_20260318', response_inclusion: 'excluded' },
      ['server_tool_use', 'code_execution_tool_result'],
    ],
  ])('of 2026 %s', async (_name, more, types) => {
    context.model.script({ searches: 1 });
    const { content } = await ask({ tools: [{ ...webSearch, ...more } as unknown as Anthropic.WebSearchTool20250305] });
    expect(content.map(({ type }) => type).filter((type) => !['text', 'thinking'].includes(type))).toEqual(types);
  });

  it('that fails by script is not billed, and the answer names no address', async () => {
    context.model.script({ webSearchError: 'unavailable' });
    const message = await ask();
    expect(message.usage.server_tool_use?.web_search_requests).toBe(0);
    expect(message.content).toContainEqual(
      expect.objectContaining({ content: { type: 'web_search_tool_result_error', error_code: 'unavailable' } }),
    );
    expect(textOf(message)).toContain('"sourceUrl":null');
  });

  it('pauses by script, and goes on when the turn is sent back', async () => {
    context.model.script({ stopReason: 'pause_turn' });
    const paused = await ask();
    expect([paused.stop_reason, paused.content.at(-1)?.type]).toEqual(['pause_turn', 'server_tool_use']);
    const more = await ask({ messages: [...user(FINDER_PROMPT), { role: 'assistant', content: paused.content }] });
    expect(more.stop_reason).toBe('end_turn');
  });

  it('with a cache marker writes and reads what the turns add', async () => {
    const text = {
      type: 'text' as const,
      text: `${FINDER_PROMPT} ${'x'.repeat(6_000)}`,
      cache_control: { type: 'ephemeral' as const },
    };
    const { usage } = await ask({ messages: user([text]) });
    expect(usage.cache_read_input_tokens).toBeGreaterThan(0);
    expect(usage.cache_creation_input_tokens).toBe(
      (usage.cache_creation?.ephemeral_5m_input_tokens ?? 0) + (usage.cache_creation?.ephemeral_1h_input_tokens ?? 0),
    );
  });
});

describe('keys', () => {
  const locked = standIn({ apiKey: 'right' });
  const request = { model: MODEL, max_tokens: 50, messages: user('Hi') };

  it('are taken as bearer and as x-api-key', async () => {
    const { url } = locked.model;
    const send = (headers: Record<string, string>) =>
      fetch(`${url}/v1/messages`, { method: 'POST', headers, body: JSON.stringify(request) }).then(
        ({ status }) => status,
      );
    expect(await send({ authorization: 'Bearer right' })).toBe(200);
    expect(await send({ 'x-api-key': 'right' })).toBe(200);
    expect(await send({ 'x-api-key': 'wrong' })).toBe(401);
    expect(await send({})).toBe(401);
  });

  it('that are wrong fail in the SDK as AuthenticationError', async () => {
    const client = new Anthropic({ apiKey: 'wrong', baseURL: locked.model.url, maxRetries: 0 });
    expect(await failure(client.messages.create(request))).toBeInstanceOf(Anthropic.AuthenticationError);
  });
});

describe('other routes', () => {
  it('count tokens as the answer counts them', async () => {
    const request = { model: MODEL, messages: user(FINDER_PROMPT), tools: [webSearch] };
    const counted = await context.client.messages.countTokens(request);
    context.model.script({ searches: 0 });
    const message = await context.client.messages.create({ ...request, max_tokens: 4_000 });
    expect(counted.input_tokens).toBe(message.usage.input_tokens);
  });

  it('list the models that are not retired, the newest first', async () => {
    const { data } = await context.client.models.list();
    expect(data[0]?.created_at).toBe('2026-11-09T00:00:00Z');
    expect(data.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['claude-sonnet-5-5', 'claude-haiku-4-5-20251001']),
    );
  });

  it('describe a model, and not one that is retired', async () => {
    const info = await context.client.models.retrieve('claude-haiku-4-5');
    expect(info).toMatchObject({ id: 'claude-haiku-4-5-20251001', max_input_tokens: 200_000, max_tokens: 64_000 });
    expect(await failure(context.client.models.retrieve('claude-3-opus-20240229'))).toMatchObject({ status: 404 });
  });

  it.each([
    ['{', 400],
    ['[]', 400],
    ['null', 400],
    ['"text"', 400],
  ])('answer the body %s with %i', async (body, status) => {
    const headers = { authorization: 'Bearer x' };
    const response = await fetch(`${context.model.url}/v1/messages`, { method: 'POST', headers, body });
    expect([response.status, ((await response.json()) as { type: string }).type]).toEqual([status, 'error']);
  });

  it('refuse more than 32 MB', async () => {
    const headers = { authorization: 'Bearer x' };
    const body = Buffer.alloc(32 * 1024 * 1024 + 1, 'x');
    const response = await fetch(`${context.model.url}/v1/messages`, { method: 'POST', headers, body });
    expect([response.status, await response.text()]).toEqual([413, expect.stringContaining('request_too_large')]);
  });
});
