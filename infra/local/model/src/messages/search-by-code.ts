import type Anthropic from '@anthropic-ai/sdk';
import { idFrom, opaque } from '../random.ts';

/**
 * The blocks of searches as they come when code of the model's ran them and filtered what they found: inside the call of that
 * code and its result, and none of them where `shown` is false.
 */
export function searchedByCode(
  searches: Anthropic.ContentBlock[],
  key: string,
  shown: boolean,
): Anthropic.ContentBlock[] {
  const id = idFrom('srvtoolu', `${key}:code`);
  const caller = { type: 'code_execution_20260120', tool_id: id } as const;
  const nested = searches.map((block) =>
    block.type === 'server_tool_use' || block.type === 'web_search_tool_result' ? { ...block, caller } : block,
  );
  const input = { code: 'pages = await web_search(query)\nprint(relevant(pages))' };
  return [
    { type: 'server_tool_use', id, name: 'code_execution', input, caller: { type: 'direct' } },
    ...(shown ? nested : []),
    {
      type: 'code_execution_tool_result',
      tool_use_id: id,
      content: {
        type: 'encrypted_code_execution_result',
        content: [],
        encrypted_stdout: opaque(`${key}:stdout`, 96),
        return_code: 0,
        stderr: '',
      },
    },
  ];
}

const LIFE_MS = 5 * 60_000;

/** The container that the code ran in; null when the answer has none of it. */
export function containerOf(
  blocks: readonly Anthropic.ContentBlock[],
  key: string,
  nowMs: number,
): Anthropic.Container | null {
  if (!blocks.some((block) => block.type === 'server_tool_use' && block.name === 'code_execution')) return null;
  return { id: idFrom('container', key), expires_at: new Date(nowMs + LIFE_MS).toISOString(), skills: null };
}
