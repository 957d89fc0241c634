import { ApiProblem, invalid } from '../errors.ts';
import type { ModelFacts } from './models.ts';
import { type Block, type MessageRequest, searchesDirectly, searchTool } from './request.ts';

/** The version that knows no sampling parameters any more. */
const WITHOUT_SAMPLING = '2026-10-21';

/** Refuses what no model takes. @throws ApiProblem 400 */
export function refuseByShape(request: MessageRequest): void {
  if (request.max_tokens === 0) refuseFillingOnly(request);
  const names = (request.tools ?? []).flatMap((tool) => tool.name ?? []);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw nameConflict(twice);
  const marks = cacheMarks(request);
  if (marks > MOST_CACHE_MARKS) {
    throw invalid(`A maximum of ${MOST_CACHE_MARKS} blocks with cache_control may be provided. Found ${marks}.`);
  }
  if (request.messages.some(({ content }) => blocksOf(content).some(isSearchResultWithoutContent))) {
    throw invalid('messages: encrypted_content of a web_search_result is missing');
  }
}

const MOST_CACHE_MARKS = 4;

function cacheMarks(request: MessageRequest): number {
  const messages = request.messages.flatMap(({ content }) => blocksOf(content));
  const all: Record<string, unknown>[] = [...(request.tools ?? []), ...blocksOf(request.system), ...messages];
  return all.filter(({ cache_control: mark }) => mark !== undefined && mark !== null).length;
}

const nameConflict = (name: string): ApiProblem =>
  new ApiProblem(400, `tools: Tool names must be unique: ${name}`, { details: { error_code: 'tool_name_conflict' } });

/** `max_tokens: 0` only fills the cache. */
function refuseFillingOnly(request: MessageRequest): void {
  const choice = request.tool_choice?.type;
  const against =
    (request.stream && 'stream') ||
    ((choice === 'any' || choice === 'tool') && 'a forced tool') ||
    (request.output_config?.format && 'output_config.format');
  if (against) throw invalid(`max_tokens: 0 cannot be used with ${against}`);
}

const isSearchResultWithoutContent = (block: Block): boolean =>
  block.type === 'web_search_tool_result' &&
  Array.isArray(block['content']) &&
  block['content'].some((result: { encrypted_content?: unknown } | null) => !result?.encrypted_content);

/** Refuses what the version in `anthropic-version` does not know. @throws ApiProblem 400 */
export function refuseByVersion(request: MessageRequest, model: ModelFacts, version: string): void {
  const given = samplingDefaults.filter(({ name }) => request[name] !== undefined && request[name] !== null);
  if (version < WITHOUT_SAMPLING) {
    const other = given.find(({ name, usual }) => request[name] !== usual);
    if (other && !model.sampling) throw invalid(`${other.name}: only the default is supported by ${model.id}`);
    return;
  }
  if (given[0]) throw invalid(`${given[0].name}: Extra inputs are not permitted`);
  for (const { role, content } of request.messages) {
    const blocks = blocksOf(content);
    if (role === 'assistant' && blocks.some(({ type }) => type === 'document')) {
      throw invalid('messages: a document block must not stand in an assistant message');
    }
    const cites = ({ type, citations }: Block): boolean =>
      type === 'text' && Array.isArray(citations) && citations.length > 0;
    if (role === 'user' && blocks.some(cites)) {
      throw invalid('messages: citations of a user text block must be empty');
    }
  }
}

const samplingDefaults: readonly { name: string; usual: number | undefined }[] = [
  { name: 'temperature', usual: 1 },
  { name: 'top_p', usual: 1 },
  { name: 'top_k', usual: undefined },
];

/** Refuses what this model does not take. @throws ApiProblem 400 */
export function refuseByModel(request: MessageRequest, model: ModelFacts, betas: string): void {
  if (request.max_tokens > model.maxOutput) {
    throw invalid(
      `max_tokens: ${request.max_tokens} > ${model.maxOutput}, which is the maximum allowed number of output tokens for ${model.id}`,
    );
  }
  refuseThinking(request, model);
  if (request.messages.at(-1)?.role === 'assistant' && !model.prefill && !endsInServerTool(request)) {
    throw invalid(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  }
  if (request.inference_geo && !model.geography) throw invalid(`inference_geo is not supported by ${model.id}`);
  const choice = request.tool_choice?.type;
  if ((choice === 'any' || choice === 'tool') && !model.forcedTools) {
    throw invalid(`tool_choice.type: "${choice}" is not supported by ${model.id}`);
  }
  if (request.speed === 'fast') refuseFast(model, betas);
  refuseSearchTool(request, model);
}

function refuseThinking(request: MessageRequest, model: ModelFacts): void {
  const thinking = request.thinking?.type;
  if (thinking !== undefined && !model.thinking.some((kind) => kind === thinking)) {
    throw invalid(
      `thinking.type: "${thinking}" is not supported by ${model.id}; use one of ${model.thinking.join(', ')}`,
    );
  }
  if (thinking === 'enabled' && (request.thinking?.budget_tokens ?? 0) < 1_024) {
    throw invalid('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
  }
}

function refuseFast(model: ModelFacts, betas: string): void {
  if (model.fast === 'never') throw invalid(`speed: "fast" is not supported by ${model.id}`);
  if (model.fast === 'beta' && !/\bfast-mode-2026-02-01\b/.test(betas)) {
    throw invalid(`speed: "fast" needs the beta header fast-mode-2026-02-01 for ${model.id}`);
  }
}

/** A paused turn goes back as it was: its last block is not a text to go on with. */
function endsInServerTool(request: MessageRequest): boolean {
  return blocksOf(request.messages.at(-1)?.content).some((item) => item.type === 'server_tool_use');
}

function refuseSearchTool(request: MessageRequest, model: ModelFacts): void {
  const tool = searchTool(request);
  if (!tool) return;
  if (tool['allowed_domains'] && tool['blocked_domains']) {
    throw invalid('tools: only one of allowed_domains and blocked_domains can be given');
  }
  if (tool.type !== 'web_search_20250305' && !model.filteredSearch && !searchesDirectly(tool)) {
    throw invalid(`tools: ${tool.type} needs allowed_callers ["direct"] on ${model.id}`);
  }
}

const blocksOf = (content: string | Block[] | undefined): Block[] => (Array.isArray(content) ? content : []);
