/** Headers of a request that the provider must see as the client sent them. */
const passedRequest = /^(content-type|accept|anthropic-.*)$/;
/** Headers of an answer that SDKs read. Anything about the connection or the encoding is ours. */
const passedAnswer = /^(content-type|cache-control|request-id|retry-after|retry-after-ms|x-should-retry|anthropic-.*)$/;

/** The client's headers with our key in place of its credential. */
export function upstreamHeaders(given: Headers, apiKey: string): Headers {
  const headers = new Headers({ 'x-api-key': apiKey });
  for (const [name, value] of given) if (passedRequest.test(name)) headers.set(name, value);
  return headers;
}

export const answerHeaders = (given: Headers): Record<string, string> =>
  Object.fromEntries([...given].filter(([name]) => passedAnswer.test(name)));
