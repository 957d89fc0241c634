import http, { type RequestOptions } from 'node:http';
import { requestScope } from '../../../../shared/telemetry/request-scope.ts';
import { FOR_REQUEST, NO_REQUEST } from '../app-call.ts';

const model = new URL(process.env['ANTHROPIC_BASE_URL'] ?? '').host;
const named = () => ({ [FOR_REQUEST]: requestScope()?.requestId ?? NO_REQUEST });

/** The two ways by which the app asks models. */
const { request } = http;
const { fetch } = globalThis;

Object.assign(http, {
  request(url: string | URL, options: RequestOptions, ...rest: []) {
    if (!(url instanceof URL) || url.host !== model) return request(url, options, ...rest);
    return request(url, { ...options, headers: { ...options.headers, ...named() } }, ...rest);
  },
});
globalThis.fetch = async (input, init) => {
  if (input instanceof Request || new URL(input).host !== model) return fetch(input, init);
  return fetch(input, { ...init, headers: { ...Object.fromEntries(new Headers(init?.headers)), ...named() } });
};
