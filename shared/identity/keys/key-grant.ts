import { RequestError } from '../../errors/request-errors.ts';

/** What an access key allows, as far as a call has to know it. An absent list allows everything of its kind. */
export interface KeyGrant {
  name: string;
  /** The only account that its calls count for. */
  account?: string | undefined;
  useCases?: readonly string[] | undefined;
  models?: readonly string[] | undefined;
  /** `METHOD /path` of the list of routes. */
  routes?: readonly string[] | undefined;
  /** Whether its callers may name a user, and an account where the key has none of its own. */
  namesUsers: boolean;
}

/** @throws RequestError 403 when the key is not for this route. */
export function refuseRoute(key: KeyGrant | undefined, { method, path }: { method: string; path: string }): void {
  const route = `${method} ${path}`;
  if (key?.routes && !key.routes.includes(route)) throw beyondKey(key, 'route', route);
}

/** @throws RequestError 403 when the key is not for this use case. */
export function refuseUseCase(key: Pick<KeyGrant, 'name' | 'useCases'> | undefined, useCase: string): void {
  if (key?.useCases && !key.useCases.includes(useCase)) throw beyondKey(key, 'use case', useCase);
}

/** @throws RequestError 403 when the key is not for one of these models. */
export function refuseModels(key: Pick<KeyGrant, 'name' | 'models'> | undefined, models: readonly string[]): void {
  const other = models.find((model) => key?.models && !key.models.includes(model));
  if (key && other !== undefined) throw beyondKey(key, 'model', other);
}

/** 403: the key is valid, but not for this. `kind` and `value` complete "is not for the …". */
export const beyondKey = ({ name }: Pick<KeyGrant, 'name'>, kind: string, value: string): RequestError =>
  new RequestError(
    'key_not_allowed',
    `The access key ${name} is not for the ${kind} ${value.slice(0, 100)}. An admin can change that.`,
    { status: 403, details: { key: name, kind } },
  );
