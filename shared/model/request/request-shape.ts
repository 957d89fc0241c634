import { asModelId } from '../model-id.ts';
import { type OtherModel, otherModels } from './other-models.ts';

/** What of a Messages or chat request bounds its cost. Found by one walk over the parsed body, without its texts. */
export interface RequestShape {
  /** Empty where the request names nothing that can be the id of a model. */
  model: string;
  stream: boolean;
  maxTokens: number;
  /** UTF-8 bytes of all texts, names and JSON signs: never fewer than the tokens they become (a token covers a byte or more). */
  textBytes: number;
  images: number;
  /** PDFs, files, URLs, containers and threads: what they hold is not in the body, so only the context window bounds it. */
  opaque: boolean;
  /** Whether count_tokens sees all that the call will read, by the one model that it is for. */
  countable: boolean;
  oneHourCache: boolean;
  fast: boolean;
  /** False when the request asks to run outside the US zone. */
  us: boolean;
  hasTools: boolean;
  /** Tools whose definition the API brings along, e.g. for a browser. */
  toolsets: number;
  /** Tools that the provider runs, each turn of which reads the grown prompt again. */
  serverTools: string[];
  /** Most web searches that are paid for. */
  webSearches: number;
  others: OtherModel[];
  /** The provider may sum up a long conversation first, which is a sampling of its own. */
  compacts: boolean;
}

/** The API refuses a call without `max_tokens`; an unreadable one counts as the most that any model gives. */
const MOST_OUTPUT_TOKENS = 128_000;
/** Where the request names no `max_uses`. */
const SEARCHES_WITHOUT_LIMIT = 100;
/** Signs and separators around a JSON value. */
const BYTES_PER_NODE = 8;

type Fields = Record<string, unknown>;

export function readRequestShape(body: unknown): RequestShape {
  const fields: Fields = isObject(body) ? body : {};
  // OpenAI's reasoning models know it by the longer name.
  const maxTokens = fields['max_tokens'] ?? fields['max_completion_tokens'];
  const tools = Array.isArray(fields['tools']) ? fields['tools'].filter(isObject) : [];
  const serverTools = tools.filter(runsAtProvider);
  const mcpServers = Array.isArray(fields['mcp_servers']) ? fields['mcp_servers'].length : 0;
  const walked = walk(body);
  const isElsewhere = [fields['thread'], fields['container']].some((held) => held !== undefined && held !== null);
  const others = otherModels(fields, tools, MOST_OUTPUT_TOKENS);
  return {
    model: asModelId(fields['model']) ?? '',
    stream: fields['stream'] === true,
    maxTokens: isCount(maxTokens) ? maxTokens : MOST_OUTPUT_TOKENS,
    ...walked,
    opaque: walked.opaque || isElsewhere,
    countable: !isElsewhere && others.length === 0,
    fast: fields['speed'] === 'fast' || others.some(({ fast }) => fast),
    us: fields['inference_geo'] !== 'global',
    hasTools: tools.length > 0,
    toolsets: tools.filter((tool) => typeof tool['type'] === 'string' && tool['type'] !== 'custom').length,
    serverTools: [...serverTools.map(typeName), ...(mcpServers > 0 ? ['mcp'] : [])].sort(),
    webSearches: serverTools.filter(isWebSearch).reduce((sum, tool) => sum + maxUses(tool), 0),
    others,
    compacts: compacts(fields['context_management']),
  };
}

const compacts = (management: unknown): boolean =>
  isObject(management) &&
  Array.isArray(management['edits']) &&
  management['edits'].some((edit) => isObject(edit) && String(edit['type']).startsWith('compact'));

/** Text tokens of a request, roughly: what tells `vision` from `text`, and what a cut call is taken to have read. */
export const estimateTextTokens = (textBytes: number): number => Math.ceil(textBytes / 4);

function walk(body: unknown): Pick<RequestShape, 'textBytes' | 'images' | 'opaque' | 'oneHourCache'> {
  const found = { textBytes: 0, images: 0, opaque: false, oneHourCache: false };
  const open: unknown[] = [body];
  while (open.length > 0) {
    const value = open.pop();
    found.textBytes += BYTES_PER_NODE;
    if (typeof value === 'string') found.textBytes += Buffer.byteLength(value);
    else if (Array.isArray(value)) for (const item of value) open.push(item);
    else if (isObject(value)) {
      const isMedia = noteMedia(value, found);
      if (value['ttl'] === '1h') found.oneHourCache = true;
      for (const key in value) {
        found.textBytes += Buffer.byteLength(key) + BYTES_PER_NODE;
        if (isFreeJson(key)) found.textBytes += Buffer.byteLength(JSON.stringify(value[key]) ?? '');
        else if (!(isMedia && key === 'source')) open.push(value[key]);
      }
    }
  }
  return found;
}

/** What a tool takes is the caller's own JSON: all of it is text, whatever it looks like. */
const isFreeJson = (key: string): boolean => key === 'input' || key === 'input_schema';

/** @returns whether the value is a block whose `source` holds no text. */
function noteMedia(value: Fields, found: { images: number; opaque: boolean }): boolean {
  const source = value['source'];
  if (value['type'] === 'image' && isObject(source)) {
    found.images += 1;
    return true;
  }
  if (value['type'] === 'container_upload') found.opaque = true;
  if (value['type'] !== 'document' || !isObject(source)) return false;
  const isText = source['type'] === 'text' || source['type'] === 'content';
  if (!isText) found.opaque = true;
  return !isText;
}

/** Tools of the API that run where the client runs; all other typed ones are taken to run at the provider. */
const clientTool = /^(custom|bash_|text_editor_|computer_|memory_|browser_)/;

const runsAtProvider = (tool: Fields): boolean => typeof tool['type'] === 'string' && !clientTool.test(tool['type']);
/** It becomes part of a key that is kept: nothing but a name may get there. */
const typeName = (tool: Fields): string => /^\w{1,64}$/.exec(String(tool['type']))?.[0] ?? 'unknown';
const isWebSearch = (tool: Fields): boolean => String(tool['type']).startsWith('web_search');
const maxUses = (tool: Fields): number => (isCount(tool['max_uses']) ? tool['max_uses'] : SEARCHES_WITHOUT_LIMIT);
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1_000_000;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
