import type { z } from 'zod';
import type { ListedRoute } from '../../../shared/api/routes.ts';

/** Routes of our envelope; gateways answer in the forms of other APIs. */
type EnvelopedRoute = Extract<ListedRoute, { dialect: 'envelope' }>;
/** By name, such as `GET /api/usage`: a route is looked up, not searched for. */
type RoutesByName = { [R in EnvelopedRoute as `${R['method']} ${R['path']}`]: R };
export type RouteName = keyof RoutesByName;
type RouteAt<N extends RouteName> = RoutesByName[N];

type Input<T> = T extends z.ZodType ? z.input<T> : never;
type Part<R, K extends 'params' | 'query'> = R extends Record<K, infer S> ? { [P in K]: Input<S> } : unknown;
type Body<R> = R extends { body: { schema: infer S } } ? { body: Input<S> } : unknown;

/** What a request to a route needs: `params`, `query` and `body` as far as the route has them. */
export type RequestTo<N extends RouteName> = Part<RouteAt<N>, 'params'> &
  Partial<Part<RouteAt<N>, 'query'>> &
  Body<RouteAt<N>>;

/** What the envelope of a success holds. */
export type AnswerOf<N extends RouteName> =
  RouteAt<N> extends { answers: infer A } ? (Input<A[keyof A]> extends { data: infer D } ? D : never) : never;
