import { z } from 'zod';
import { undefinedWhenMissing } from './transport/optional.ts';
import { path, type Transport } from './transport/transport.ts';

const instanceSchema = z.looseObject({
  use_case_id: z.string(),
  use_case_name: z.string(),
  /** The instance's own limit, where the definition has a limit_config. */
  limit_id: z.string().nullish(),
  type_version: z.number().nullish(),
});
export type UseCaseInstance = z.infer<typeof instanceSchema>;

const valueSchema = z.looseObject({ money: z.number().nullish(), time: z.number().nullish() });

/** All reject with PayiError. An instance usually comes into being with the first event that names it. */
export interface Instances {
  get(useCaseName: string, useCaseId: string): Promise<UseCaseInstance | undefined>;
  /** With an id of Pay-i's choice. */
  create(useCaseName: string): Promise<UseCaseInstance>;
  /** False when there was none. */
  remove(useCaseName: string, useCaseId: string): Promise<boolean>;
  setProperties(useCaseName: string, useCaseId: string, properties: Record<string, string>): Promise<UseCaseInstance>;
  value(useCaseName: string, useCaseId: string): Promise<z.infer<typeof valueSchema> | undefined>;
}

export function createInstancesClient(transport: Transport): Instances {
  return {
    get: (name, id) =>
      undefinedWhenMissing(
        transport.call({ method: 'GET', path: path`/use_cases/instances/${name}/${id}` }, instanceSchema),
      ),

    create: (name) => transport.call({ method: 'POST', path: path`/use_cases/instances/${name}` }, instanceSchema),

    async remove(name, id) {
      const answer = transport.send({ method: 'DELETE', path: path`/use_cases/instances/${name}/${id}` });
      return (await undefinedWhenMissing(answer)) !== undefined;
    },

    setProperties: (name, id, properties) =>
      transport.call(
        { method: 'PUT', path: path`/use_cases/instances/${name}/${id}/properties`, body: { properties } },
        instanceSchema,
      ),

    value: (name, id) =>
      undefinedWhenMissing(
        transport.call({ method: 'GET', path: path`/use_cases/instances/${name}/${id}/value` }, valueSchema),
      ),
  };
}
