/** A W3C trace context header, or undefined where it is malformed. */
export const parseTraceparent = (header: string | null): string | undefined =>
  header !== null && /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(header) ? header : undefined;
