/** Where in the console the user is: a view, and the state of that view. */
export interface Place {
  view: string;
  query: Readonly<Record<string, string>>;
}

const ROOT = '/console';
export const FIRST_VIEW = 'overview';

/** The place that an address shows. */
export function placeOf({ pathname, search }: Pick<URL, 'pathname' | 'search'>): Place {
  const [, view = ''] = /^\/console\/([^/]+)\/?$/.exec(pathname) ?? [];
  return { view: view === '' ? FIRST_VIEW : view, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** The address of a place. Empty values are left out, so that one state has one address. */
export function hrefOf({
  view,
  query,
}: {
  view: string;
  query?: Readonly<Record<string, string | undefined>>;
}): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value ? [[name, value] as [string, string]] : [],
  );
  return `${ROOT}/${view}${pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`}`;
}
