import { readCount } from '../usage/count.ts';

/** Members of a Messages request that the counting endpoint takes. */
export const countedMembers = [
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'cache_control',
  'compaction',
  'mcp_servers',
  'context_management',
  'speed',
];

/** The counting endpoint of a Messages URL; a query (`?beta=true`) stays. */
export const countTokensUrl = (messagesUrl: string): string =>
  messagesUrl.replace(/\/v1\/messages(?=\?|$)/, '/v1/messages/count_tokens');

/** The body to count, of a Messages request. */
export const countTokensBody = (body: unknown): string => {
  const given = body as Record<string, unknown>;
  return JSON.stringify(
    Object.fromEntries(countedMembers.filter((name) => given[name] !== undefined).map((name) => [name, given[name]])),
  );
};

/** @throws Error when the answer holds no count, or 0: a request is never empty, and some gateways count nothing. */
export async function readTokenCount(response: Response): Promise<number> {
  const body: unknown = await response.json();
  const count = readCount((body as { input_tokens?: unknown } | null)?.input_tokens);
  if (!response.ok || !count?.readable || count.value === 0) throw new Error(`No token count: HTTP ${response.status}`);
  return count.value;
}
