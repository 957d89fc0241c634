/** What the guide spells in another way, by the path of the request. */
export type GuideNoun = 'ingest' | 'limit' | 'limit-config' | 'definition' | 'kpi' | 'score';

const nouns: [RegExp, GuideNoun][] = [
  [/^\/ingest$/, 'ingest'],
  [/^\/limits(\/[^/]+)?$/, 'limit'],
  [/^\/use_cases\/definitions\/[^/]+\/limit_config$/, 'limit-config'],
  [/^\/use_cases\/definitions(\/[^/]+(\/increment_version)?)?$/, 'definition'],
  [/^\/use_cases\/definitions\/[^/]+\/kpis(\/[^/]+)?$/, 'kpi'],
  [/^\/use_cases\/instances\/[^/]+\/[^/]+\/kpis\/[^/]+$/, 'score'],
];

/** Undefined where the guide spells nothing in another way. */
export const guideNoun = (path: string): GuideNoun | undefined => nouns.find(([form]) => form.test(path))?.[1];

export type Members = Record<string, unknown>;

export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Gives members other names, by `from` to `to`; all others keep theirs. */
export const renamed = (body: Members, names: Record<string, string>): Members =>
  Object.fromEntries(Object.entries(body).map(([name, value]) => [names[name] ?? name, value]));
