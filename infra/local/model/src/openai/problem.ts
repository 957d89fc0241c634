import type { ApiProblem } from '../errors.ts';

/** OpenAI's error type of a status. */
const types: Record<number, string> = { 402: 'insufficient_quota', 429: 'requests' };

/** The body of an error answer, and of an error in a stream. */
export const openAiEnvelope = ({ status, type, message }: ApiProblem) => ({
  error: {
    message,
    type: types[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error'),
    param: null,
    code:
      status === 401 ? 'invalid_api_key' : status === 429 ? 'rate_limit_exceeded' : type === 'api_error' ? null : type,
  },
});
