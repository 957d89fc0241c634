/** Headers of a request that the provider gets as the client sent them. Those that choose a workspace, profile or account are ours to set. */
const passedRequest = ['content-type', 'accept', 'anthropic-version', 'anthropic-beta'];
/** Headers of an answer that SDKs read. The connection and the encoding are ours, and so are the account and its rate limits. */
const passedAnswer = ['content-type', 'cache-control', 'request-id', 'retry-after', 'retry-after-ms', 'x-should-retry'];

/** The client's headers with our key in place of its credential. */
export function upstreamHeaders(given: Headers, apiKey: string): Headers {
  const headers = new Headers({ 'x-api-key': apiKey });
  for (const [name, value] of given) if (passedRequest.includes(name)) headers.set(name, value);
  return headers;
}

export const answerHeaders = (given: Headers): Record<string, string> =>
  Object.fromEntries([...given].filter(([name]) => passedAnswer.includes(name)));
