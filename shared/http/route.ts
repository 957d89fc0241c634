import type { z } from 'zod';
import type { Access } from '../identity/caller.ts';

export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * How a route answers: in our envelope, as bare JSON, or in the form of the API that a gateway stands for. It decides the shape of
 * errors and which credentials are read.
 */
export type RouteDialect = 'envelope' | 'bare' | 'anthropic' | 'openai' | 'payi-proxy';

export type ContentType = 'application/json' | 'multipart/form-data';

export interface RouteBody {
  types: readonly ContentType[];
  schema: z.ZodType;
  /** Bytes; absent: 1 MiB. Routes whose handler reads the body have a limit of their own. */
  maxBytes?: number;
  /** Texts of the contract for members that are missing, by their names. */
  texts?: Readonly<Record<string, string>>;
}

/** One method of one path: all that a client, a document or a test has to know of it. */
export interface Route {
  method: RouteMethod;
  /** Begins with a slash; `{name}` stands for a segment. */
  path: string;
  /** Name of the Azure function: a verb, and its object where there is one. */
  function: string;
  access: Access;
  dialect: RouteDialect;
  /** One line for people. */
  summary: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: RouteBody;
  /** The whole body of each answer that is not an error, by its status. The first is the usual one. */
  answers: Readonly<Record<number, z.ZodType>>;
  /** Types of the answers that are not errors; absent: JSON. */
  answerTypes?: readonly string[];
  /** Statuses of errors besides those that follow from access, parameters and body. */
  failures?: readonly number[];
  /** Whether a request with `accept: text/event-stream` gets events. */
  events?: boolean;
  /** Whether a request may call a model: then its callers have a rate, and in our envelope it takes an `Idempotency-Key`. */
  paid?: boolean;
  /** What people read when something unforeseen happens. */
  unexpected?: string;
}

/** A route as it is written, so that handlers get the types of its schemas. */
export const defineRoute = <const R extends Route>(route: R): R => route;

type Decoded<T> = T extends z.ZodType ? z.output<T> : undefined;

/** Path parameters of a route, decoded. */
export type ParamsOf<R extends Route> = Decoded<R['params']>;
/** Query of a route, decoded. */
export type QueryOf<R extends Route> = Decoded<R['query']>;
/** JSON body of a route, decoded; undefined where the handler reads the body itself. */
export type BodyOf<R extends Route> = R['body'] extends { types: readonly ['application/json']; schema: infer S }
  ? Decoded<S>
  : undefined;

type Enveloped<T> = T extends { success: true; data: infer D } ? D : never;
type AnswersOf<R extends Route> = R['answers'][keyof R['answers']];
/** What the envelope of a success holds. */
export type DataOf<R extends Route> =
  AnswersOf<R> extends infer S ? (S extends z.ZodType ? Enveloped<z.input<S>> : never) : never;

/** The usual status of a success. */
export const successStatus = ({ answers }: Pick<Route, 'answers'>): number => Number(Object.keys(answers)[0] ?? 200);
