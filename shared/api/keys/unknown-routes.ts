import { invalidFields } from '../../errors/request-errors.ts';
import { routes } from '../routes.ts';

/**
 * A misspelt route would shut out a caller in silence, so only routes of the list are taken.
 * @throws RequestError 400 naming each that is unknown
 */
export function refuseUnknownRoutes(names: readonly string[] | null | undefined): void {
  const known = new Set(routes.map(({ method, path }) => `${method} ${path}`));
  const problems = (names ?? []).flatMap((name, index) =>
    known.has(name) ? [] : [{ field: `routes.${index}`, problem: 'must be a route such as POST /api/analyze' }],
  );
  if (problems.length > 0) throw invalidFields(problems);
}
