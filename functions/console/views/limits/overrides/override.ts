import { request } from '../../../data/client.ts';
import { RequestFailure } from '../../../data/failure.ts';
import type { AnswerOf, RequestTo } from '../../../data/routes.ts';
import type { Limit } from '../limit-figures.ts';
import type { Policy } from '../load.ts';

/** Another maximum of one user, account and so on. */
export type Override = AnswerOf<'GET /api/limits/{id}/overrides'>['overrides'][number];
export type OverrideBody = RequestTo<'PUT /api/limits/{id}/overrides/{key}'>['body'];

/** A policy with its overrides; `policy` is null once it is deleted. */
export interface PolicyOverrides {
  policy: Policy | null;
  overrides: Override[];
}

export async function loadOverrides(name: string, signal: AbortSignal): Promise<PolicyOverrides> {
  const [{ policy }, { overrides }] = await Promise.all([
    request('GET /api/limit-policies/{name}', { params: { name }, signal }),
    request('GET /api/limits/{id}/overrides', { params: { id: name }, signal }),
  ]);
  return { policy, overrides };
}

/** The override of one user, account and so on, as it is now. */
export async function findOverride(policy: string, name: string): Promise<Override | undefined> {
  const { overrides } = await request('GET /api/limits/{id}/overrides', { params: { id: policy } });
  const listed = overrides.find((each) => each.name === name);
  // An e-mail address is listed by its pseudonym, which only the app can work out.
  if (listed || !name.includes('@')) return listed;
  try {
    return await request('GET /api/limits/{id}/overrides/{key}', { params: { id: policy, key: name } });
  } catch (error) {
    if (error instanceof RequestFailure && error.code === 'override_not_found') return undefined;
    throw error;
  }
}

/** Sets an override, or removes the one there is, as it was read. @returns the one there is now */
export async function changeOverride(
  policy: string,
  { name, before, body }: { name: string; before: Pick<Override, 'etag'> | undefined; body: OverrideBody | undefined },
): Promise<Override | undefined> {
  const params = { id: policy, key: name };
  const headers: Record<string, string> = before ? { 'if-match': before.etag } : {};
  if (body) return request('PUT /api/limits/{id}/overrides/{key}', { params, body, headers });
  await request('DELETE /api/limits/{id}/overrides/{key}', { params, headers });
  return undefined;
}

/** For whom a policy can have another maximum: what stands first in its scope. A version's maximum is that of its use case. */
export type Holder = 'user' | 'account' | 'key' | 'use_case' | 'model' | 'property';

/** undefined for a policy with one limit for all calls. */
export function holderOf({ scope }: Pick<Policy, 'scope'>): Holder | undefined {
  const [first] = scope.split('+') as [Holder | 'global' | 'version'];
  if (first === 'global') return undefined;
  return first === 'version' ? 'use_case' : first;
}

/** Who has this limit, as the routes of overrides name them; undefined where it is not known. */
export function holderNameOf({ scope, whose }: Pick<Limit, 'scope' | 'whose'>): string | undefined {
  if (scope === 'version') return whose?.version?.replace(/:[^:]*$/, '');
  const holder = holderOf({ scope });
  return holder && whose?.[holder];
}
