import type { Surcharge } from '../../pricing/price-row.ts';
import { isRecord } from '../../util/json/record.ts';
import { asModelId } from '../model-id.ts';
import { type Betas, readBetas } from './betas.ts';
import { measure } from './measure.ts';
import { messagesRequest } from './message-rules.ts';
import { MOST_OTHER_MODELS, type OtherModel, otherModels } from './other-models.ts';
import { runsAtProvider } from './tool-rules.ts';

/** The member that sets `maxTokens`, or would: so many times its value, and what comes on top. */
export interface OutputMember {
  name: string;
  times: number;
  rest: number;
  /** The member's least value at which it alone bounds the answer; absent: 1. */
  least?: number;
}

/** What of a request bounds its cost. Found by one walk over the parsed body, without its texts. */
export interface RequestShape {
  /** Which API the request is for: whose models may answer, and what their images and contexts hold. */
  api: 'messages' | 'openai';
  /** Empty where the request names nothing that can be the id of a model. */
  model: string;
  stream: boolean;
  maxTokens: number;
  output: OutputMember;
  /** See `Measured`. */
  textBytes: number;
  bytesByMember: ReadonlyMap<string, number>;
  images: number;
  /** The most tokens of prompt that its sounds can become. */
  soundTokens: number;
  /** PDFs, files, URLs, containers and threads: what they hold is not in the body, so only the context window bounds it. By name. */
  opaqueBy: string[];
  /** Bytes of the documents in the body that are not text. */
  documentBytes: number;
  /** Whether count_tokens sees all that the call will read, by the one model that it is for. */
  countable: boolean;
  oneHourCache: boolean;
  /** See `FoundContent`. */
  bindsModel: boolean;
  fast: boolean;
  /** False when the request asks to run outside the US zone. */
  us: boolean;
  /** What the endpoint that it goes to adds to the price; absent: nothing. */
  surcharge?: Surcharge | undefined;
  /** True where the request is one of a batch, which has its own prices. */
  batch?: true;
  hasTools: boolean;
  /** Tools whose definition the API brings along, e.g. for a browser. */
  toolsets: number;
  /** Types of the tools that the provider runs, each turn of which reads the grown prompt again. */
  serverTools: string[];
  /** Most web searches that are paid for. */
  webSearches: number;
  /** At most 16. */
  others: OtherModel[];
  /** The member that lets the provider sum up a long conversation first, which is a sampling of its own. */
  compactsBy: string | undefined;
  /** The context of older models too is a million tokens. */
  longContext: boolean;
  /** True where the answer may be sound, whose tokens have a price of their own. */
  speaks?: true;
  /** The model may write what its answer does not show, such as reasoning. */
  hidesOutput: boolean;
  /** A member, type or beta without a rule: nothing in the request bounds what it costs. Its name, without its value. */
  unknown: string | undefined;
}

/** The API refuses a call without `max_tokens`; an unreadable one counts as the most that any model gives. */
const MOST_OUTPUT_TOKENS = 128_000;
const MOST_OUTPUT_WITH_BETA = 300_000;
/** Where the request names no `max_uses`. */
const SEARCHES_WITHOUT_LIMIT = 100;

type Fields = Record<string, unknown>;

/** The shape of a Messages request. @param betas the header `anthropic-beta` */
export function readMessagesShape(body: unknown, betas?: string | null): RequestShape {
  const fields: Fields = isRecord(body) ? body : {};
  const named = readBetas(betas);
  const { tools, ...measured } = measure(body, messagesRequest);
  const serverTools = tools.filter((tool) => runsAtProvider(typeOf(tool)));
  const mcpServers = Array.isArray(fields['mcp_servers']) ? fields['mcp_servers'].length : 0;
  const elsewhere = ['thread', 'container'].filter((name) => (fields[name] ?? null) !== null);
  const others = otherModels(fields, tools, MOST_OUTPUT_TOKENS);
  const unknown =
    measured.unknown ??
    otherSpeed(fields) ??
    (named.unknown && `anthropic-beta ${named.unknown}`.slice(0, 80)) ??
    (others.length > MOST_OTHER_MODELS ? `more than ${MOST_OTHER_MODELS} fallbacks and advisors` : undefined);
  return {
    ...measured,
    api: 'messages',
    model: asModelId(fields['model']) ?? '',
    stream: fields['stream'] === true,
    ...outputOf(fields, named),
    opaqueBy: [...measured.opaqueBy, ...elsewhere, ...(unknown === undefined ? [] : [unknown])],
    countable: elsewhere.length === 0 && others.length === 0 && unknown === undefined,
    fast: fields['speed'] === 'fast' || others.some(({ fast }) => fast),
    us: fields['inference_geo'] !== 'global',
    hasTools: tools.length > 0,
    toolsets: tools.filter((tool) => typeOf(tool) !== 'custom').length,
    serverTools: [...new Set([...serverTools.map(typeOf), ...(mcpServers > 0 ? ['mcp'] : [])])].sort(),
    webSearches: serverTools.filter(isWebSearch).reduce((sum, tool) => sum + maxUses(tool), 0),
    others: others.slice(0, MOST_OTHER_MODELS),
    compactsBy: compactsBy(fields),
    longContext: named.named.has('context-1m-2025-08-07'),
    hidesOutput: false,
    unknown,
  };
}

/** With interleaved thinking the budget of a turn may be larger than `max_tokens`. */
function outputOf({ max_tokens: asked, thinking }: Fields, { named }: Betas) {
  const most = named.has('output-300k-2026-03-24') ? MOST_OUTPUT_WITH_BETA : MOST_OUTPUT_TOKENS;
  const maxTokens = isCount(asked) ? asked : most;
  const budget = isRecord(thinking) ? thinking['budget_tokens'] : undefined;
  return isCount(budget) && budget >= maxTokens
    ? { maxTokens: maxTokens + budget, output: { name: 'thinking.budget_tokens', times: 1, rest: maxTokens } }
    : { maxTokens, output: { name: 'max_tokens', times: 1, rest: 0, least: isCount(budget) ? budget + 1 : 1 } };
}

/** Another speed than these has another price. */
function otherSpeed({ speed, fallbacks }: Fields): string | undefined {
  const speeds = [speed, ...(Array.isArray(fallbacks) ? fallbacks.filter(isRecord).map((one) => one['speed']) : [])];
  return speeds.every((one) => one === 'fast' || (one ?? 'standard') === 'standard')
    ? undefined
    : 'speed of another kind';
}

function compactsBy({ compaction, context_management: management }: Fields): string | undefined {
  if (isRecord(compaction)) return 'compaction';
  const edits = isRecord(management) ? management['edits'] : undefined;
  const compacts = (edit: unknown) => isRecord(edit) && String(edit['type']).startsWith('compact');
  return Array.isArray(edits) && edits.some(compacts) ? 'context_management' : undefined;
}

/** Text tokens of a request, roughly: what tells `vision` from `text`, and what a cut call is taken to have read. */
export const estimateTextTokens = (textBytes: number): number => Math.ceil(textBytes / 4);

/** It becomes part of a key that is kept: nothing but a name may get there. */
const typeOf = ({ type }: Fields): string => /^\w{1,64}$/.exec(String(type ?? 'custom'))?.[0] ?? 'unknown';
const isWebSearch = (tool: Fields): boolean => typeOf(tool).startsWith('web_search');
const maxUses = (tool: Fields): number => (isCount(tool['max_uses']) ? tool['max_uses'] : SEARCHES_WITHOUT_LIMIT);
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1_000_000;
