import { z } from 'zod';
import { undefinedWhenMissing } from './transport/optional.ts';
import { allPages } from './transport/paging.ts';
import { type PayiRequest, path, readAs, type Transport } from './transport/transport.ts';

/** The limit that each new instance of a use case gets for itself. */
export interface LimitConfig {
  /** USD. */
  max: number;
  limit_type?: 'block' | 'allow';
  threshold?: number;
  properties?: Record<string, string>;
}

const definitionSchema = z.looseObject({
  name: z.string(),
  description: z.string().nullish(),
  logging_enabled: z.boolean().nullish(),
  /** The latest version; versions start at 1. */
  type_version: z.number().nullish(),
  limit_config: z.looseObject({ max: z.number() }).nullish(),
});
export type UseCaseDefinition = z.infer<typeof definitionSchema>;

export interface CreateDefinition {
  /** Letters, digits, `.`, `-`, `_`; at most 64 characters. */
  name: string;
  description: string;
  limit_config?: LimitConfig;
  /** Whether Pay-i keeps prompts and answers of this use case. */
  logging_enabled?: boolean;
}

/** All reject with PayiError. */
export interface Definitions {
  list(): AsyncIterable<UseCaseDefinition>;
  get(name: string): Promise<UseCaseDefinition | undefined>;
  /** `created` is false when an equal one was there. */
  create(definition: CreateDefinition): Promise<{ definition: UseCaseDefinition; created: boolean }>;
  update(name: string, change: { description?: string; logging_enabled?: boolean }): Promise<void>;
  /** False when there was none. */
  remove(name: string): Promise<boolean>;
  /** The definition with its new version. Not idempotent. */
  incrementVersion(name: string): Promise<UseCaseDefinition>;
  setLimitConfig(name: string, config: LimitConfig): Promise<void>;
  removeLimitConfig(name: string): Promise<void>;
}

export function createDefinitionsClient(transport: Transport): Definitions {
  return {
    list: () => allPages(transport, { method: 'GET', path: '/use_cases/definitions' }, definitionSchema),

    get: (name) =>
      undefinedWhenMissing(
        transport.call({ method: 'GET', path: path`/use_cases/definitions/${name}` }, definitionSchema),
      ),

    async create(definition) {
      const request: PayiRequest = { method: 'POST', path: '/use_cases/definitions', body: definition };
      const answer = await transport.send(request);
      return { definition: readAs(definitionSchema, answer, request), created: answer.status === 201 };
    },

    async update(name, change) {
      await transport.send({ method: 'PUT', path: path`/use_cases/definitions/${name}`, body: change });
    },

    async remove(name) {
      const answer = await undefinedWhenMissing(
        transport.send({ method: 'DELETE', path: path`/use_cases/definitions/${name}` }),
      );
      return answer !== undefined;
    },

    incrementVersion: (name) =>
      transport.call(
        { method: 'POST', path: path`/use_cases/definitions/${name}/increment_version` },
        definitionSchema,
      ),

    async setLimitConfig(name, config) {
      await transport.send({ method: 'POST', path: path`/use_cases/definitions/${name}/limit_config`, body: config });
    },

    async removeLimitConfig(name) {
      await transport.send({ method: 'DELETE', path: path`/use_cases/definitions/${name}/limit_config` });
    },
  };
}
