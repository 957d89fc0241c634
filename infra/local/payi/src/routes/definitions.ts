import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Refusal } from '../http/api-error.ts';
import { ok } from '../http/http.ts';
import { pageOf } from '../http/page.ts';
import type { Routes } from '../http/router.ts';
import { guideDefinition, guideLimit, guideLimitAnswer } from '../ingest/guide.ts';
import { createDefinition, limitConfig, read, updateDefinition } from '../ingest/shapes.ts';
import type { PayiState } from '../state.ts';
import type { UseCase } from '../stores/use-case-store.ts';

export function definitionRoutes(state: PayiState): Routes {
  const isGuide = state.options.dialect === 'guide';
  const named = (params: Record<string, string>) => state.useCases.get(params['name'] ?? '');
  const shown = (useCase: UseCase) => definitionJson(useCase, isGuide);
  return {
    'GET /use_cases/definitions': (request) => {
      const name = request.query.get('use_case_name');
      const all = [...state.useCases.byName.values()];
      return pageOf(request, name === null ? all : all.filter((one) => one.name === name), shown);
    },
    'POST /use_cases/definitions': ({ body }) => {
      const wanted = read(createDefinition, isGuide ? guideDefinition(body) : body);
      if (!wanted.description) {
        throw new Refusal(400, 'invalid_use_case_description', 'A use case needs a description.');
      }
      const known = state.useCases.byName.get(wanted.name);
      if (!known) {
        const { name, description, logging_enabled: loggingEnabled, limit_config: config } = wanted;
        if (config) state.limits.check(config);
        const created = state.useCases.create(name, description, { loggingEnabled, limitConfig: config });
        return { status: 201, body: shown(created) };
      }
      const same =
        known.description === wanted.description &&
        known.loggingEnabled === wanted.logging_enabled &&
        isDeepStrictEqual(known.limitConfig, wanted.limit_config);
      if (!same) throw new Refusal(400, 'use_case_already_exists', 'The use case exists with other content.');
      return ok(shown(known));
    },
    'GET /use_cases/definitions/{name}': ({ params }) => ok(shown(named(params))),
    'PUT /use_cases/definitions/{name}': ({ params, body }) => {
      const useCase = named(params);
      const change = read(updateDefinition, body);
      useCase.description = change.description ?? useCase.description;
      useCase.loggingEnabled = change.logging_enabled ?? useCase.loggingEnabled;
      return ok(shown(useCase));
    },
    'DELETE /use_cases/definitions/{name}': ({ params }) => {
      const useCase = named(params);
      state.useCases.byName.delete(useCase.name);
      return ok(shown(useCase));
    },
    'POST /use_cases/definitions/{name}/increment_version': ({ params }) => {
      const useCase = named(params);
      useCase.version += 1;
      return ok(shown(useCase));
    },
    'POST /use_cases/definitions/{name}/limit_config': ({ params, body }) => {
      const useCase = named(params);
      const config = read(limitConfig, isGuide ? guideLimit(body) : body);
      state.limits.check(config);
      useCase.limitConfig = config;
      return ok(shown(useCase));
    },
    'DELETE /use_cases/definitions/{name}/limit_config': ({ params }) => {
      const useCase = named(params);
      useCase.limitConfig = undefined;
      return ok(shown(useCase));
    },
  };
}

const definitionJson = (useCase: UseCase, isGuide: boolean) => ({
  request_id: randomUUID(),
  ...(isGuide ? { use_case_name: useCase.name } : { name: useCase.name }),
  description: useCase.description,
  type_version: useCase.version,
  ...(useCase.limitConfig && {
    limit_config: isGuide ? guideLimitAnswer(useCase.limitConfig) : useCase.limitConfig,
  }),
  ...(useCase.loggingEnabled !== undefined && { logging_enabled: useCase.loggingEnabled }),
});
