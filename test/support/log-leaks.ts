/** What must not be in a line that the app logs: secrets, e-mail addresses, prompts, answers, pictures. */
const forbidden: readonly [what: string, pattern: RegExp][] = [
  [
    'a key of the tests',
    /a-key-of-sixteen-characters|another-key-for-an-admin|a-key-[a-z-]+-under-attack|local-payi-key|local-model-key/,
  ],
  ['a canary', /zqsecretcanary/i],
  ['an e-mail address', /[\w.+%-]+@(?:[\w-]+\.)+[a-z]{2,}\b/i],
  ['a bearer token', /\bbearer\s+[\w.~+/-]{8,}/i],
  ['a connection string', /\b(?:AccountKey|SharedAccessKey|SharedAccessSignature)=/],
  ['an access key', /\btmk_[\w-]{20,}|\bsk-[\w-]{16,}/],
  ['a JSON web token', /\beyJ[\w-]{10,}\.[\w-]{10,}\./],
  ['a picture', /data:image\/|iVBORw0KGgo|\/9j\/4AAQ/],
  ['a request or an answer of a model', /\\?"(?:messages|system|prompt|input_text|output_text|thinking)\\?"\s*:/],
];

/** What of it is in a line; undefined for none, and for lines that are not the app's. */
export function leakIn(line: string): string | undefined {
  const found = forbidden.find(([, pattern]) => pattern.test(line));
  return found && `${found[0]} in ${line.slice(0, 300)}`;
}

/** Telemetry writes one object a line, with its level first. */
export const isLogLine = (line: string): boolean => /^\{"level":"(?:info|warn|error|metric)"/.test(line.trimStart());
