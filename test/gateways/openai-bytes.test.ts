import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startModel } from '../../infra/local/model/src/server.ts';
import { askForUsage } from '../../shared/gateways/openai/ask-usage.ts';
import { withoutUsage } from '../../shared/gateways/openai/without-usage.ts';
import { readProviderJson } from '../../shared/gateways/reading/provider-json.ts';
import { editedBody } from '../../shared/util/bytes/body-edit.ts';
import { streamOf } from '../../shared/util/fetch/byte-reader.ts';
import { type OpenAiGateway, startOpenAiGateway } from './openai-gateway.ts';
import { GATEWAY_KEY } from './serve.ts';

let opened: OpenAiGateway;
beforeAll(async () => {
  opened = await startOpenAiGateway();
});
afterAll(() => opened.close());
beforeEach(() => opened.reset());

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

describe('a request and its answer, straight and through the gateway', () => {
  const requests = {
    JSON: '{ "model":"gpt-4o", "max_tokens" : 50,"messages":[{"role":"user","content":"Hi \\u00fc"}], "seed": 1e2 }',
    stream: '{ "stream":true, "model":"gpt-4o" ,"messages":[{"role":"user","content":"stream_options\\":"}]}',
    'stream with usage':
      '{"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hi"}]}',
    'stream with other options':
      '{"model":"gpt-4o","stream":true,"stream_options" : {"include_usage":false} ,"messages":[{"role":"user","content":"Hi"}]}',
    'stream of two choices with tools':
      '{"model":"gpt-5","stream":true,"n":2,"messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"t","parameters":{"type":"object"}}}]}',
    'large stream, which a thread reads': `{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"${'Hé '.repeat(80_000)}"}]}`,
    'refused by the provider': '{"model":"gpt-5","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}',
  };

  test.each(Object.entries(requests))('%s: status, type and bytes are equal', async (_name, body) => {
    const call = async (url: string, key: string) => {
      const answer = await fetch(`${url}/chat/completions`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      });
      return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() };
    };
    const now = () => Date.UTC(2026, 10, 23);
    const [straight, behind] = await Promise.all(
      [1, 2].map(() => startModel({ apiKey: 'provider-secret', seed: 'same', now })),
    );
    if (!straight || !behind) throw new Error('No stand-in.');
    opened.reset({ OPENAI_BASE_URL: `${behind.url}/v1` });
    const direct = await call(`${straight.url}/v1`, 'provider-secret');
    expect(await call(`${opened.url}/openai/v1`, GATEWAY_KEY)).toEqual(direct);
    const { stream_options: _options, ...sent } = JSON.parse(body);
    expect(behind.calls()[0]?.body).toMatchObject(sent);
    await Promise.all([straight.close(), behind.close()]);
  });
});

describe('asking for the usage', () => {
  const asked = (json: string) => {
    const bytes = Buffer.from(json);
    const edit = askForUsage(bytes, readProviderJson(bytes));
    return { json: text(edit ? Buffer.concat(editedBody(bytes, [edit])) : bytes), isOurs: edit !== undefined };
  };

  test('changes nothing but stream_options', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.anything(), fc.boolean(), (more, options, given) => {
        const stream_options = JSON.parse(JSON.stringify(options) ?? 'null') as unknown;
        const { stream_options: _none, ...rest } = more;
        const body = { ...rest, stream: true, ...(given && { stream_options }) };
        const after = JSON.parse(asked(JSON.stringify(body)).json);
        expect(after.stream_options.include_usage).toBe(true);
        expect({ ...after, stream_options: 0 }).toEqual({ ...JSON.parse(JSON.stringify(body)), stream_options: 0 });
      }),
    );
  });

  test('leaves alone what asks for it, and what does not stream', () => {
    for (const json of ['{"stream":true,"stream_options":{"include_usage":true}}', '{"stream":false}', '{}'])
      expect(asked(json)).toEqual({ json, isOurs: false });
  });

  test('finds the member under an escaped name', () => {
    expect(asked('{"stream":true,"stream\\u005foptions":null}').json).toBe(
      '{"stream":true,"stream\\u005foptions":{"include_usage":true}}',
    );
  });
});

describe('a stream without its usage', () => {
  const chunk = (content: string, more = '') =>
    `data: {"id":"c","choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}}}]${more}}`;
  const source = [
    chunk('a ,"usage":null b', ',"usage":null'),
    chunk('\u2028ü', ', "usage" : null,"obfuscation":"x"'),
    ': a comment',
    chunk('with figures', ',"usage":{"prompt_tokens":1}'),
    'data: {"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}',
    'data: [DONE]',
    'data: cut',
  ];
  const wanted = [
    chunk('a ,"usage":null b'),
    chunk('\u2028ü', ',"obfuscation":"x"'),
    ': a comment',
    chunk('with figures', ',"usage":{"prompt_tokens":1}'),
    'data: [DONE]',
    'data: cut',
  ];

  test('however it is cut, and whatever ends its lines', async () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(cuts, fc.constantFrom('\n\n', '\r\n\r\n', '\r\r'), async (points, end) => {
        const bytes = Buffer.from(source.join(end));
        const at = [0, ...[...points].sort((a, b) => a - b), bytes.length];
        const stream = new ReadableStream<Uint8Array>({
          start(controller) {
            for (const [place, to] of at.slice(1).entries()) controller.enqueue(bytes.subarray(at[place], to));
            controller.close();
          },
        });
        const passed = await buffer(streamOf(withoutUsage(stream.getReader())));
        expect(text(passed)).toBe(wanted.join(end));
      }),
    );
  });

  test('what came before a break passes before the error', async () => {
    const before = `${chunk('one')}\n\n${chunk('two')}\n\n`;
    let pulls = 0;
    const stream = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulls += 1;
          if (pulls === 1) controller.enqueue(Buffer.from(before));
          else controller.error(new Error('broken'));
        },
      },
      { highWaterMark: 0 },
    );
    const reader = withoutUsage(stream.getReader());
    expect(text((await reader.read()).value ?? new Uint8Array())).toBe(before);
    await expect(reader.read()).rejects.toThrow('broken');
  });
});
