import type { z } from 'zod';
import type * as auditLog from '../../../shared/api/admin/audit-log.ts';
import type * as diagnosis from '../../../shared/api/admin/diagnosis.ts';
import type * as events from '../../../shared/api/admin/events.ts';
import type * as payiSetup from '../../../shared/api/admin/payi-setup.ts';
import type * as caller from '../../../shared/api/caller.ts';
import type * as health from '../../../shared/api/health.ts';
import type * as keys from '../../../shared/api/keys/keys.ts';
import type * as limits from '../../../shared/api/limits.ts';
import type * as outcomes from '../../../shared/api/outcomes.ts';
import type * as trails from '../../../shared/api/trails.ts';
import type * as usage from '../../../shared/api/usage.ts';

/** Groups of the list of routes that the console calls. Types alone: nothing of the app's code comes into the page. */
type Groups =
  | typeof auditLog
  | typeof caller
  | typeof diagnosis
  | typeof events
  | typeof health
  | typeof keys
  | typeof limits
  | typeof outcomes
  | typeof payiSetup
  | typeof trails
  | typeof usage;

type Members<G> = G extends unknown ? G[keyof G] : never;
type AnyRoute = Members<Groups>;
type NameOf<R> = R extends { method: infer M extends string; path: infer P extends string } ? `${M} ${P}` : never;

/** A route as `GET /api/usage`. */
export type RouteName = NameOf<AnyRoute>;
type RouteAt<N extends RouteName, R = AnyRoute> = R extends unknown ? (NameOf<R> extends N ? R : never) : never;

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
