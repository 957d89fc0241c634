import type Anthropic from '@anthropic-ai/sdk';
import { ApiProblem } from '../errors.ts';
import { decodedPart } from '../incoming.ts';
import { findModel, type ModelFacts, servedModels, type ThinkingKind } from './models.ts';

const yes = { supported: true };

/** A model as `GET /v1/models` and `GET /v1/models/{id}` describe it. */
function modelInfo(model: ModelFacts): Anthropic.ModelInfo {
  const thinks = (kind: ThinkingKind) => ({ supported: model.thinking.includes(kind) });
  const line = /^claude-(opus|sonnet|haiku|fable|mythos)/.exec(model.id)?.[1] ?? null;
  return {
    type: 'model',
    id: model.id,
    display_name: model.id.replace(/^claude-/, 'Claude ').replace(/-/g, ' '),
    created_at: `${model.released}T00:00:00Z`,
    deprecated_at: null,
    retires_at: null,
    lifecycle: 'active',
    line: line as Anthropic.ModelInfo['line'],
    max_input_tokens: model.contextWindow,
    max_tokens: model.maxOutput,
    capabilities: {
      batch: yes,
      citations: yes,
      code_execution: { supported: model.filteredSearch },
      context_management: {
        supported: true,
        clear_thinking_20251015: yes,
        clear_tool_uses_20250919: yes,
        compact_20260112: { supported: model.filteredSearch },
      },
      effort: { supported: !model.prefill, low: yes, medium: yes, high: yes, max: yes, xhigh: yes },
      image_input: yes,
      pdf_input: yes,
      server_tools: { supported: true } as Anthropic.ModelCapabilities['server_tools'],
      structured_outputs: yes,
      thinking: {
        supported: true,
        types: {
          adaptive: thinks('adaptive'),
          between_tools: thinks('between_tools'),
          disabled: thinks('disabled'),
          enabled: thinks('enabled'),
        },
      },
    },
  };
}

/** The answer to `GET /v1/models`, a page of `limit` models behind `after_id`. */
export function listModels(query: URLSearchParams): unknown {
  const all = servedModels().map(modelInfo);
  const after = all.findIndex(({ id }) => id === query.get('after_id')) + 1;
  const data = all.slice(after, after + Number(query.get('limit') ?? 20));
  const hasMore = after + data.length < all.length;
  return { data, has_more: hasMore, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

/** The answer to `GET /v1/models/{id}`. @throws ApiProblem 404 */
export function describeModel(path: string): unknown {
  const id = decodedPart(path.slice('/v1/models/'.length));
  const model = findModel(id);
  if (!model) throw new ApiProblem(404, `model: ${id}`);
  return modelInfo(model);
}
