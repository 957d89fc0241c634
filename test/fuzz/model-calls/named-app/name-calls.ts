import http, { type RequestOptions } from 'node:http';
import { requestScope } from '../../../../shared/telemetry/request-scope.ts';
import { FOR_REQUEST, NO_REQUEST } from '../app-call.ts';

const model = new URL(process.env['ANTHROPIC_BASE_URL'] ?? '').host;

/** As `node:http` has it; the app asks models through this module's default export alone. */
const { request } = http;

Object.assign(http, {
  request(url: string | URL, options: RequestOptions, ...rest: []) {
    if (!(url instanceof URL) || url.host !== model) return request(url, options, ...rest);
    const headers = { ...options.headers, [FOR_REQUEST]: requestScope()?.requestId ?? NO_REQUEST };
    return request(url, { ...options, headers }, ...rest);
  },
});
