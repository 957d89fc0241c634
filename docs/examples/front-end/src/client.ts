import createClient from 'openapi-fetch';
import type { components, paths } from '../generated/api.d.ts';

/** The app's address, put in when the page is built. */
declare const API_URL: string;

export type Schemas = components['schemas'];
/** What people and programs read of an error. */
export type Failure = Pick<Schemas['Failure'], 'error' | 'code' | 'details'> & { retryAfterSeconds?: number };

/** Every route of the app, typed. The browser sends the session's cookie along. */
export const client = createClient<paths>({ baseUrl: API_URL, credentials: 'include' });

/** The address of a route, where `fetch` is not enough. */
export const addressOf = (path: keyof paths): string => `${API_URL}${path}`;

/** What is shown when no answer came: the browser does not say whether the app is down or refuses this origin. */
export const unreachable: Failure = {
  code: 'unreachable',
  error: 'The app could not be reached. It must run, and CORS_ORIGINS must have this page’s origin.',
};

/** `Retry-After` of an answer, in seconds. */
export function withRetryAfter(failure: Failure, retryAfter: string | null): Failure {
  return retryAfter === null ? failure : { ...failure, retryAfterSeconds: Number(retryAfter) };
}
