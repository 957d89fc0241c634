import type { Limit } from './limit-figures.ts';

/** `lee · trail_finder`; undefined for a limit that all calls share, and where it is not known. */
export function whoseText({ whose }: Pick<Limit, 'whose'>): string | undefined {
  const names = Object.values(whose ?? {});
  return names.length === 0 ? undefined : names.join(' · ');
}

/** What people call a limit: whose it is and its policy. Its id has the user as a digest. */
export function titleOf({
  whose,
  policy,
  scope,
  limitId,
}: Pick<Limit, 'whose' | 'policy' | 'scope' | 'limitId'>): string {
  const names = whoseText({ whose });
  if (names !== undefined) return `${names} · ${policy}`;
  return scope === 'global' ? policy : limitId;
}
