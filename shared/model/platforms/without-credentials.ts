/** The headers of a request to Anthropic without the credential that its client puts there. */
export function withoutCredentials(given: RequestInit['headers']): Headers {
  const headers = new Headers(given);
  headers.delete('authorization');
  headers.delete('x-api-key');
  return headers;
}
