import type { Route } from '../../http/route.ts';

interface Tag {
  name: string;
  description: string;
  /** Paths of the tag's routes. */
  paths: RegExp;
}

/** Groups of routes; the first whose paths match is a route's. */
const groups: readonly Tag[] = [
  { name: 'admin', description: 'Audit, dead letters and what else admins look after', paths: /^\/api\/admin\// },
  { name: 'limits', description: 'Budgets and the policies behind them', paths: /^\/api\/((v1\/)?limit|approvals\b)/ },
  { name: 'usage', description: 'What calls used and cost', paths: /^\/api\/usage\b/ },
  { name: 'outcomes', description: 'What an answer was worth', paths: /^\/api\/(kpis|use-cases)\b/ },
  { name: 'health', description: 'Whether the app works', paths: /^\/api\/health\b/ },
  { name: 'identity', description: 'Who calls', paths: /^\/api\/caller$/ },
  { name: 'console', description: 'The page for the people who run the app', paths: /^\/console\b/ },
  { name: 'description', description: 'This description of the API', paths: /^\/api\/(docs|openapi)\b/ },
  { name: 'features', description: 'The AI features', paths: /^\/api\/(analyze|trail-finder|routes|judge)\b/ },
  { name: 'anthropic', description: 'Gateway for Anthropic’s SDKs', paths: /^\/anthropic\// },
  { name: 'openai', description: 'Gateway for OpenAI’s SDKs', paths: /^\/openai\// },
  { name: 'payi-proxy', description: 'In place of the payi-proxy', paths: /^(\/p\/\{token\})?\/[a-z-]+$/ },
];

export const tagOf = ({ path }: Pick<Route, 'path'>): string =>
  groups.find(({ paths }) => paths.test(path))?.name ?? 'other';

/** The tags that the routes have, with their descriptions. */
export const tagsOf = (routes: readonly Route[]): Pick<Tag, 'name' | 'description'>[] => {
  const used = new Set(routes.map(tagOf));
  return groups.filter(({ name }) => used.has(name)).map(({ name, description }) => ({ name, description }));
};
