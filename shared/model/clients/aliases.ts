/**
 * Model ids that older code and the older front-end still ask for, to the model of the same line that serves them now.
 * All of them are retired at the provider: a call with one would fail.
 */
const successors = new Map<string, string>([
  ['claude-sonnet-4-20250514', 'claude-sonnet-5-5'],
  ['claude-sonnet-4-0', 'claude-sonnet-5-5'],
  ['claude-3-7-sonnet-20250219', 'claude-sonnet-5-5'],
  ['claude-3-7-sonnet-latest', 'claude-sonnet-5-5'],
  ['claude-3-5-sonnet-20241022', 'claude-sonnet-5-5'],
  ['claude-3-5-sonnet-20240620', 'claude-sonnet-5-5'],
  ['claude-3-5-sonnet-latest', 'claude-sonnet-5-5'],
  ['claude-opus-4-20250514', 'claude-opus-5-5'],
  ['claude-opus-4-0', 'claude-opus-5-5'],
  ['claude-opus-4-1-20250805', 'claude-opus-5-5'],
  ['claude-opus-4-1', 'claude-opus-5-5'],
  ['claude-3-opus-20240229', 'claude-opus-5-5'],
  ['claude-3-opus-latest', 'claude-opus-5-5'],
  ['claude-3-5-haiku-20241022', 'claude-haiku-5-5'],
  ['claude-3-5-haiku-latest', 'claude-haiku-5-5'],
  ['claude-3-haiku-20240307', 'claude-haiku-5-5'],
]);

/** The model to call for a requested id. `extra` (the setting `MODEL_ALIASES`) wins over the built-in table. */
export function resolveModel(requested: string, extra: Readonly<Record<string, string>> = {}): string {
  if (Object.hasOwn(extra, requested)) return extra[requested] ?? requested;
  return successors.get(requested) ?? requested;
}
