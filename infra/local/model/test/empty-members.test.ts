import type Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { FINDER_PROMPT, standIn, user, webSearch } from './client.ts';

const local = standIn();

/** What the API answers under a version, as its bytes say. */
async function answer(version: string, body: object): Promise<Response> {
  return fetch(`${local.model.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'local', 'anthropic-version': version },
    body: JSON.stringify({ model: 'claude-sonnet-5', max_tokens: 2_000, messages: user('Hi'), ...body }),
  });
}

const events = async (response: Response): Promise<Record<string, unknown>[]> =>
  [...(await response.text()).matchAll(/^data: (.*)$/gm)].map(([, text = '']) => JSON.parse(text));

/** Paths of the members that are null. */
function nulls(value: unknown, path = ''): string[] {
  if (value === null) return [path];
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, member]) => nulls(member, path === '' ? name : `${path}.${name}`));
}

describe('members without a value', () => {
  it('are left out under 2023-06-01, but for stop_sequence', async () => {
    const message = (await (
      await answer('2023-06-01', { thinking: { type: 'disabled' } })
    ).json()) as Anthropic.Message;
    expect(nulls(message)).toEqual(['stop_sequence']);
    expect(message.content).toEqual([{ type: 'text', text: expect.any(String) }]);
    expect(Object.keys(message).sort()).toEqual(
      ['content', 'id', 'model', 'role', 'stop_reason', 'stop_sequence', 'type', 'usage'].sort(),
    );
  });

  it('are left out of the events too, but for the stop members of message_start', async () => {
    const all = await events(await answer('2023-06-01', { stream: true, thinking: { type: 'disabled' } }));
    expect(all.flatMap((event) => nulls(event, String(event['type'])))).toEqual([
      'message_start.message.stop_reason',
      'message_start.message.stop_sequence',
      'message_delta.delta.stop_sequence',
    ]);
    expect(all.find(({ type }) => type === 'content_block_start')).toEqual({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'text', text: '' },
    });
  });

  it('are null under 2026-10-21, in JSON and in a stream', async () => {
    const message = (await (await answer('2026-10-21', {})).json()) as Anthropic.Message;
    const named = ['stop_details', 'container', 'diagnostics', 'usage.server_tool_use'];
    expect(nulls(message)).toEqual(expect.arrayContaining(named));
    const all = await events(await answer('2026-10-21', { stream: true }));
    expect(nulls(all[0])).toEqual(expect.arrayContaining(named.map((name) => `message.${name}`)));
  });

  it('keep citations that are there, and null in the input of a tool', async () => {
    const cited = (await (
      await answer('2023-06-01', { messages: user(FINDER_PROMPT), tools: [webSearch] })
    ).json()) as Anthropic.Message;
    expect(cited.content.flatMap((block) => ('citations' in block ? (block.citations ?? []) : []))).not.toEqual([]);
    const input = { near: null };
    local.model.script({ content: [{ type: 'tool_use', id: 't', name: 'find', input }] });
    const message = (await (await answer('2023-06-01', {})).json()) as Anthropic.Message;
    expect(message.content).toMatchObject([{ input }]);
  });
});
