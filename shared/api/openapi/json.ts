/** A part of the document. It is plain JSON, written as the OpenAPI Specification 3.1 says. */
export type JsonObject = { [member: string]: unknown };

/** `search-trails` as `SearchTrails`, for names of components. */
export const pascalCase = (words: string): string =>
  words.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** `search-trails` as `searchTrails`, for operation ids. */
export const camelCase = (words: string): string =>
  words.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

export const reference = (kind: 'schemas' | 'responses' | 'parameters' | 'headers', name: string): JsonObject => ({
  $ref: `#/components/${kind}/${name}`,
});
