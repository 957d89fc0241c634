import type { Route } from './route.ts';

/** The routes of a path, whatever their methods. As on the host, text matches in any case and a slash at the end does not matter. */
export const routesOfPath = <R extends Pick<Route, 'path'>>(routes: readonly R[], path: string): R[] =>
  routes.filter((route) => matches(segmentsOf(route.path), segmentsOf(path)));

const segmentsOf = (path: string): string[] => path.replace(/^\/+|\/$/g, '').split('/');

const matches = (template: string[], path: string[]): boolean =>
  template.length === path.length &&
  template.every((part, index) => {
    const segment = path[index] ?? '';
    return part.startsWith('{') ? segment !== '' : part.toLowerCase() === segment.toLowerCase();
  });
