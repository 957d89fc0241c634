/** The JSON schema that a prompt asks the answer to keep to: the first line that is one. */
export function askedSchema(prompt: string): Record<string, unknown> | undefined {
  for (const line of prompt.split('\n')) {
    if (!line.startsWith('{') || !line.includes('"properties"')) continue;
    const schema = parsed(line);
    if (schema?.['type'] === 'object') return schema;
  }
  return undefined;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined; // A line of prose or of another language.
  }
}
