import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { FINDER_PROMPT, failure, standIn, textOf, user } from './client.ts';

const context = standIn();
const request = { model: 'claude-haiku-5-5', max_tokens: 1_000, messages: user('Hello') };
const ask = () => context.client.messages.create(request);

describe('scripted outcomes', () => {
  it.each([
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [402, 'billing_error'],
    [404, 'not_found_error'],
    [413, 'request_too_large'],
    [429, 'rate_limit_error'],
    [500, 'api_error'],
    [529, 'overloaded_error'],
  ])('answer %i as %s', async (status, type) => {
    context.model.script({ error: { status }, headers: { 'retry-after': '7' } });
    const error = await failure(ask());
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error).toMatchObject({ status, type });
    expect((error as InstanceType<typeof Anthropic.APIError>).headers?.get('retry-after')).toBe('7');
    expect((await ask()).type).toBe('message');
  });

  it('are taken in order, as often as they say, by the feature that they are for', async () => {
    context.model.script({ feature: 'finder', text: 'for the finder' }, { times: 2, text: 'twice' }, { text: 'last' });
    const texts = [await ask(), await ask(), await ask()].map(textOf);
    const finder = await context.client.messages.create({ ...request, messages: user(FINDER_PROMPT) });
    expect([...texts, textOf(finder)]).toEqual(['twice', 'twice', 'last', 'for the finder']);
  });

  it('give details, stop reasons, models and usage', async () => {
    context.model.script({ error: { status: 429, details: { error_code: 'enforced_spend_limit_reached' } } });
    expect(await failure(ask())).toMatchObject({ errorCode: 'enforced_spend_limit_reached' });
    context.model.script({ stopReason: 'refusal' });
    expect(await ask()).toMatchObject({ stop_reason: 'refusal', content: [], stop_details: { type: 'refusal' } });
    context.model.script({ model: 'claude-opus-5-5', usage: { input_tokens: 77 } });
    expect(await ask()).toMatchObject({ model: 'claude-opus-5-5', usage: { input_tokens: 77 } });
  });

  it('send a body as it is', async () => {
    context.model.script({ error: { status: 502 }, rawBody: '<html>Bad gateway</html>' });
    expect(await failure(ask())).toMatchObject({ status: 502 });
  });

  it('break a JSON answer off', async () => {
    context.model.script({ breakAfter: { how: 'cut' } });
    await failure(ask());
    expect(context.model.calls().at(-1)).toMatchObject({ outcome: 'broken' });
  });

  it('come over HTTP too, and wrong ones are refused', async () => {
    const post = (body: unknown) =>
      fetch(`${context.model.url}/_standin/script`, { method: 'POST', body: JSON.stringify(body) }).then(
        ({ status }) => status,
      );
    expect(await post([{ text: 'over HTTP' }])).toBe(200);
    expect(textOf(await ask())).toBe('over HTTP');
    expect(await post({ texts: 'x' })).toBe(400);
  });
});

describe('the list of calls', () => {
  it('reports what was billed, and no prompt', async () => {
    const message = await context.client.messages.create({ ...request, messages: user('a secret prompt') });
    const listed = await (await fetch(`${context.model.url}/_standin/calls`)).text();
    expect(JSON.parse(listed)).toMatchObject({
      calls: [{ responseId: message.id, model: 'claude-haiku-5-5', usage: message.usage }],
    });
    expect(listed).not.toContain('secret prompt');
    expect(JSON.stringify(context.model.calls()[0]?.body)).toContain('secret prompt');
  });
});
