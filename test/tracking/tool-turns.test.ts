import { describe, expect, test } from 'vitest';
import { ToolTurns } from '../../shared/model/usage/tool-turns.ts';
import { emptyUsage, type Usage } from '../../shared/model/usage/usage.ts';

const use = { type: 'server_tool_use', name: 'web_search' };
const text = { type: 'text', text: '' };
const result = (pages = 1) => ({ type: 'web_search_tool_result', content: Array.from({ length: pages }, () => ({})) });

/** The turns of an answer to a prompt of 1,000 tokens, from its blocks with the bytes of each. */
function turnsOf(blocks: [object, number?, number?][], first: Usage = { ...emptyUsage, input: 1_000 }): ToolTurns {
  const turns = new ToolTurns(first);
  for (const [block, bytes = 100, outputBytes = 0] of blocks)
    turns.block(block as Record<string, unknown>, bytes, outputBytes);
  return turns;
}

describe('what server tools add to the input of a stream', () => {
  test('nothing without them', () => {
    expect(turnsOf([[text], [{ type: 'tool_use' }], [text]])).toMatchObject({ added: 0, next: 0 });
  });

  test('each result is read with the prompt and all results before, byte by byte', () => {
    const turns = turnsOf([[use], [result(), 10_000], [use], [result(), 20_000], [text]]);
    expect(turns.added).toBe(1_000 + 10_000 + (1_000 + 30_000));
  });

  test('a page counts as 3,000 tokens where the answer shows less of it', () => {
    expect(turnsOf([[use], [result(7), 500]]).added).toBe(1_000 + 21_000);
    expect(turnsOf([[use], [{ type: 'web_fetch_tool_result', content: {} }, 500]]).added).toBe(4_000);
  });

  test('results that follow each other are read in one turn', () => {
    expect(turnsOf([[use], [use], [result(), 10_000], [result(), 5_000], [text]]).added).toBe(16_000);
  });

  test('the output so far is read again', () => {
    expect(turnsOf([[use], [result(), 10_000, 3_000]]).added).toBe(12_000);
  });

  test('the next turn is expected to be like the largest so far, once a tool is used', () => {
    const turns = turnsOf([[use], [result(), 10_000], [text]]);
    expect(turns.next).toBe(0);
    turns.block(use, 100, 0);
    expect(turns.next).toBe(11_000 + 10_000);
    turns.block(result(), 4_000, 0);
    expect(turns).toMatchObject({ next: 0, added: 11_000 + 15_000 });
  });

  test('turns are counted, and a use of a tool of an MCP server is one to come', () => {
    const turns = turnsOf([[use], [use], [result()], [result()], [text], [use], [result()]]);
    expect(turns.count).toBe(2);
    expect(turnsOf([[{ type: 'mcp_tool_use' }]]).next).toBe(1_000);
  });

  test('a cached prompt counts whole, and what is added is written', () => {
    const first = { ...emptyUsage, input: 100, cacheRead: 700, cacheWrite: 200 };
    const turns = turnsOf([[use], [result(), 10_000]], first);
    expect(turns).toMatchObject({ added: 11_000, isCached: true });
    expect(turnsOf([], { ...emptyUsage, cacheWrite: 1 }).isCached).toBe(true);
    expect(turnsOf([], { ...emptyUsage, cacheRead: 1 }).isCached).toBe(true);
    expect(turnsOf([]).isCached).toBe(false);
  });
});
