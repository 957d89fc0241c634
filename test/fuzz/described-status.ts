import { responsesOf } from '../../shared/api/failures.ts';
import { routes } from '../../shared/api/routes.ts';
import { routesOfPath } from '../../shared/http/match-route.ts';
import { pathOf, type SentRequest } from './model-calls/meant-for.ts';

/** What servers in front of the app answer by themselves: a request that takes too long, or expects or brings along too much. */
const ofPlatform = [408, 414, 417, 431];

/** Whether the description of the API has this status for the route of a request. True where it is of none. */
export function isDescribed({ method, target }: SentRequest, status: number): boolean {
  const route = routesOfPath(routes, pathOf(target)).find((one) => one.method === method);
  return !route || ofPlatform.includes(status) || responsesOf(route).has(status);
}
