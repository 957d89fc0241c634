/** Those of these headers that are there. @param names in lower case */
export function headersIn(given: Headers, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = given.get(name);
    if (value !== null) found[name] = value;
  }
  return found;
}
