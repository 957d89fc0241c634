/** A member that a change gives another value. */
export interface Difference {
  name: string;
  before: string;
  after: string;
}

/** What a change comes to, member by member. A member that is absent has its default. */
export function differencesOf(
  before: Readonly<Record<string, unknown>> | null,
  after: Readonly<Record<string, unknown>> | null,
): Difference[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names].flatMap((name) => {
    const [one, other] = [textOf(before?.[name]), textOf(after?.[name])];
    return one === other ? [] : [{ name, before: one, after: other }];
  });
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '–';
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
