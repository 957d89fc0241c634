import { ApiProblem } from '../errors.ts';
import { decodedPart } from '../incoming.ts';

/** Some of those that the API lists; calls may name others. */
const ids = ['gpt-5.5', 'gpt-5.4-mini', 'o4-mini', 'text-embedding-3-small', 'models/gemini-2.5-flash', 'grok-4'];

const modelOf = (id: string) => ({ id, object: 'model', created: 1_767_225_600, owned_by: 'system' });

/** The answer to `GET /v1/models`. */
export const listOpenAiModels = (): unknown => ({ object: 'list', data: ids.map(modelOf) });

/** The answer to `GET /v1/models/{id}`. @throws ApiProblem 404 */
export function describeOpenAiModel(path: string): unknown {
  const id = decodedPart(path.slice('/v1/models/'.length));
  if (!ids.includes(id))
    throw new ApiProblem(404, `The model '${id}' does not exist or you do not have access to it.`, {
      type: 'model_not_found',
    });
  return modelOf(id);
}
