import type { AnswerOf, RequestTo } from '../../../data/routes.ts';
import { instantOf } from '../../../format/times.ts';

export type Key = AnswerOf<'GET /api/admin/keys'>['keys'][number];
export type NewKey = RequestTo<'POST /api/admin/keys'>['body'];
export type KeyChange = RequestTo<'PATCH /api/admin/keys/{name}'>['body'];

const lists = ['useCases', 'models', 'routes'] as const;

/** The key that a form describes. Empty inputs are restrictions that are absent. */
export function keyOf(form: FormData): NewKey {
  const text = (name: string): string => String(form.get(name) ?? '').trim();
  const expiresAt = instantOf(text('expiresAt'));
  return {
    name: text('name'),
    role: text('role') === 'admin' ? 'admin' : 'user',
    namesUsers: form.has('namesUsers'),
    ...(text('account') && { account: text('account') }),
    ...Object.fromEntries(lists.flatMap((name) => (text(name) ? [[name, listOf(text(name))]] : []))),
    ...(expiresAt && { expiresAt }),
  };
}

/** What `PATCH` takes of a form: null takes a restriction away. */
export function changeOf(form: FormData): KeyChange {
  const { name: _name, ...rights } = keyOf(form);
  const absent = Object.fromEntries([...lists, 'account', 'expiresAt'].map((name) => [name, null]));
  return { ...absent, ...rights };
}

/** One in each line, or separated by commas. */
const listOf = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
