import type { Predicted } from './private.ts';

/**
 * The app settings of a snapshot: the name of each, and its value where the snapshot knows it before the deployment. What is in the
 * Key Vault is a reference to an output there, and so not among them.
 */
export function snapshotSettings(resources: Predicted[]): Record<string, string | undefined> {
  const found = resources.find(
    ({ type, name }) => type === 'Microsoft.Web/sites/config' && name.includes("'appsettings'"),
  );
  const value: unknown = found?.properties;
  if (typeof value === 'object' && value !== null) return value as Record<string, string>;
  return typeof value === 'string' ? literalMembers(value) : {};
}

/** The members of all objects that an expression of Azure's templates makes, later ones over earlier ones. */
function literalMembers(expression: string): Record<string, string | undefined> {
  const members: Record<string, string | undefined> = {};
  const begin = 'createObject(';
  for (let at = expression.indexOf(begin); at !== -1; at = expression.indexOf(begin, at + 1)) {
    const parts = argumentsAt(expression, at + begin.length);
    for (let index = 0; index + 1 < parts.length; index += 2) {
      const name = literalOf(parts[index] ?? '');
      if (name !== undefined) members[name] = literalOf(parts[index + 1] ?? '');
    }
  }
  return members;
}

/** Splits at the commas of a call, up to its end. */
function argumentsAt(expression: string, start: number): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = start;
  for (let at = start; at < expression.length; at++) {
    const char = expression[at];
    if (char === "'") at = endOfText(expression, at);
    else if (char === '(' || char === '[') depth++;
    else if (depth > 0 && (char === ')' || char === ']')) depth--;
    else if (depth === 0 && (char === ',' || char === ')')) {
      parts.push(expression.slice(from, at).trim());
      from = at + 1;
      if (char === ')') break;
    }
  }
  return parts;
}

/** Where the text that begins at `at` ends: a quote within it is doubled. */
function endOfText(expression: string, at: number): number {
  let end = expression.indexOf("'", at + 1);
  while (expression[end + 1] === "'") end = expression.indexOf("'", end + 2);
  return end === -1 ? expression.length : end;
}

const literalOf = (part: string): string | undefined => {
  const [, text] = /^'((?:[^']|'')*)'$/.exec(part) ?? [];
  return text?.replaceAll("''", "'");
};
