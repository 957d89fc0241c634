import type { AnswerHandler } from '../../shared/http/answer.ts';

/**
 * What browsers need to know of answers that are data: not to guess their type, to run and frame nothing of them, to give them to no
 * page without CORS, and to come by HTTPS only (which browsers ignore on HTTP, as on a laptop).
 */
const securityHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'strict-transport-security': 'max-age=31536000',
};

/** The handler with these headers on each answer. An answer that has one of them itself keeps it. */
export function withSecurityHeaders(handler: AnswerHandler): AnswerHandler {
  return async (request, context) => {
    const answer = await handler(request, context);
    return { ...answer, headers: { ...securityHeaders, ...answer.headers } };
  };
}
