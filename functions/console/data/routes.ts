import type { z } from 'zod';
import type { ListedRoute } from '../../../shared/api/routes.ts';

/** Routes of our envelope; gateways answer in the forms of other APIs. */
type EnvelopedRoute = Extract<ListedRoute, { dialect: 'envelope' }>;
type NameOf<R> = R extends { method: infer M extends string; path: infer P extends string } ? `${M} ${P}` : never;

/** A route as `GET /api/usage`. */
export type RouteName = NameOf<EnvelopedRoute>;
type RouteAt<N extends RouteName, R = EnvelopedRoute> = R extends unknown ? (NameOf<R> extends N ? R : never) : never;

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
