/**
 * How ids of models look, those of deployments, inference profiles and dated releases too. No spaces, and `@` only before a
 * release: neither a sentence nor an e-mail address passes for one.
 */
export const modelIdShape = /^[a-z0-9][a-z0-9._:/-]{0,127}(@[a-z0-9-]{1,20})?$/i;

/** The value if it can be the id of a model: whatever else a caller or a provider writes there may be anything, a prompt too. */
export const asModelId = (value: unknown): string | undefined =>
  typeof value === 'string' && modelIdShape.test(value) ? value : undefined;
