import Anthropic, { toFile } from '@anthropic-ai/sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AnthropicGateway, startAnthropicGateway } from './anthropic-gateway.ts';
import { batchOf, openBatchWorld } from './batch-gateway.ts';
import { GATEWAY_KEY, gatewaySettings } from './serve.ts';

let opened: AnthropicGateway;
beforeAll(async () => {
  opened = await startAnthropicGateway();
});
afterEach(() => opened.reset());
afterAll(() => opened.close());

const client = (user: string) =>
  new Anthropic({
    apiKey: GATEWAY_KEY,
    baseURL: `${opened.url}/anthropic`,
    maxRetries: 0,
    logLevel: 'off',
    defaultHeaders: { 'x-user-id': user },
  });
const failureOf = (call: Promise<unknown>): Promise<unknown> => call.then(() => 'no failure').catch((error) => error);
const upload = async (user: string, text = 'Fins and Things: 15 km') =>
  client(user).beta.files.upload({ file: await toFile(Buffer.from(text), 'trails.txt', { type: 'text/plain' }) });
const notFound = { status: 404, errorCode: 'not_found', apiMessage: 'File not found' };

/** A message that names a file. */
const about = (fileId: string) => ({
  model: 'claude-haiku-5-5',
  max_tokens: 10,
  messages: [
    {
      role: 'user' as const,
      content: [{ type: 'document' as const, source: { type: 'file' as const, file_id: fileId } }],
    },
  ],
});

test('without the setting they are not supported, and nothing reaches the provider', async () => {
  const { files } = client('sam').beta;
  for (const call of [() => upload('sam'), () => files.list().then(), () => files.delete('file_1')])
    expect(await failureOf(call())).toMatchObject({ status: 404, errorCode: 'not_supported' });
});

describe('with ANTHROPIC_FILES', () => {
  beforeEach(() => {
    opened.settings = gatewaySettings({ ANTHROPIC_BASE_URL: opened.model.url, ANTHROPIC_FILES: 'true' });
  });

  test('a file is uploaded, described, listed, read and deleted by its owner', async () => {
    const files = client('sam').beta.files;
    const file = await upload('sam');
    expect(file).toMatchObject({ type: 'file', filename: 'trails.txt', mime_type: 'text/plain', size_bytes: 22 });
    expect(await files.retrieveMetadata(file.id)).toMatchObject({ id: file.id });
    expect(await (await files.download(file.id)).text()).toBe('Fins and Things: 15 km');
    const ids = [file.id];
    for (let count = 0; count < 2; count++) ids.push((await upload('sam')).id);
    const listed: string[] = [];
    for await (const { id } of files.list({ limit: 2 })) listed.push(id);
    expect(listed.sort()).toEqual(ids.sort());
    await files.delete(file.id);
    expect(await failureOf(files.retrieveMetadata(file.id))).toMatchObject(notFound);
  });

  test('others do not find it, whatever they do with it', async () => {
    const { id } = await upload('sam');
    const { files } = client('kim').beta;
    expect((await files.list()).data).toEqual([]);
    for (const call of [() => files.retrieveMetadata(id), () => files.download(id), () => files.delete(id)])
      expect(await failureOf(call())).toMatchObject(notFound);
    const calls = opened.model.calls().length;
    const { messages, beta } = client('kim');
    expect(await failureOf(beta.messages.create(about(id)))).toMatchObject(notFound);
    expect(await failureOf(messages.countTokens(about(id) as never))).toMatchObject(notFound);
    const nested = { type: 'tool_result', tool_use_id: 't', content: about(id).messages[0]?.content };
    const deep = { ...about(id), messages: [{ role: 'user', content: [nested] }] };
    expect(await failureOf(messages.create(deep as never))).toMatchObject(notFound);
    expect(opened.model.calls()).toHaveLength(calls);
    expect(opened.record.holds).toEqual([]);
    const asked = await failureOf(client('sam').beta.messages.create(about(id)));
    expect(asked).not.toMatchObject({ status: 404 });
  });
});

test('what cannot be an id is not looked up, nor are very many', async () => {
  opened.settings = gatewaySettings({ ANTHROPIC_BASE_URL: opened.model.url, ANTHROPIC_FILES: 'true' });
  const { messages } = client('sam');
  for (const id of ['a/b', 'file_\u0000', 'file_\ud800', 'f'.repeat(2_000), ''])
    expect([id, await failureOf(messages.create(about(id) as never))]).toMatchObject([id, notFound]);
  const source = (n: number) => ({ type: 'document', source: { type: 'file', file_id: `file_${n}` } });
  const content = Array.from({ length: 1_001 }, (_, n) => source(n));
  const many = { ...about('x'), messages: [{ role: 'user', content }] };
  expect(await failureOf(messages.create(many as never))).toMatchObject({ status: 400 });
  expect(opened.model.calls()).toEqual([]);
});

test('a batch may name only own files', async () => {
  const world = await openBatchWorld();
  const one = await world.start({ ANTHROPIC_FILES: 'true' });
  const requests = [{ ...batchOf(1)[0], params: about('file_of_another') }] as never;
  expect(await failureOf(one.sdk().messages.batches.create({ requests }))).toMatchObject(notFound);
  await world.close();
});
