import type { HttpRequest } from '@azure/functions';

/** A part of the path of a request as its caller meant it; the host leaves escapes such as `%2F` as they are. */
export function pathText({ params }: Pick<HttpRequest, 'params'>, name: string): string {
  const given = params[name] ?? '';
  try {
    return decodeURIComponent(given);
  } catch {
    return given; // No escape at all.
  }
}
