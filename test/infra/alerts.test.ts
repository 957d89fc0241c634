import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { filesBelow, textOf } from '../structure/sources.ts';
import { createQueryChecker } from './kusto.ts';

interface Rule {
  type: string;
  name: string;
  properties?: { description?: string; criteria?: { allOf?: { query?: string }[] } };
}

const snapshots = readdirSync('infra').filter((name) => name.endsWith('.snapshot.json'));
const rules = snapshots.flatMap((name) => {
  const { predictedResources } = JSON.parse(readFileSync(`infra/${name}`, 'utf8')) as { predictedResources: Rule[] };
  return predictedResources.filter(({ type }) => /^Microsoft.Insights\/(scheduledQueryRules|metricAlerts)$/.test(type));
});
const queries = rules.flatMap(({ name, properties }) =>
  (properties?.criteria?.allOf ?? []).flatMap(({ query }) => (query ? [[name, query] as const] : [])),
);

const workbook = JSON.parse(readFileSync('infra/workbook.json', 'utf8')) as {
  items: { name: string; content: { query?: string } }[];
};
const shown = workbook.items.flatMap(({ name, content: { query } }) => (query ? [[name, query] as const] : []));

const documented = readdirSync('docs')
  // Those of the export are of other tables: analytics-page.test.ts.
  .filter((name) => name.endsWith('.md') && name !== 'analytics.md')
  .flatMap((name) =>
    [...textOf(`docs/${name}`).matchAll(/```kusto\n([\s\S]*?)```/g)].map(
      ([, query = ''], index) => [`docs/${name} ${index + 1}`, query] as const,
    ),
  );

let problems: (query: string) => string[];
beforeAll(async () => {
  problems = await createQueryChecker();
});

test('the checker sees a query that is wrong', () => {
  expect(problems("AppTraces | where Mesage == 'x'")).toEqual([
    "The name 'Mesage' does not refer to any known column, table, variable or function.",
  ]);
});

test.each(queries)('the query of %s is right', (_name, query) => {
  expect(problems(query)).toEqual([]);
});

test.each(shown)('the query of the workbook for "%s" is right', (_name, query) => {
  expect(problems(query)).toEqual([]);
});

test.each(documented)('the query of %s is right', (_name, query) => {
  expect(problems(query)).toEqual([]);
});

test('queries read members that the lines of their events have', () => {
  const files = [...filesBelow('shared'), ...filesBelow('functions')].map(textOf);
  const wrong = [...queries, ...shown].flatMap(([name, query]) => {
    const [, event] = /line\.event\) == '([a-z-]+)'/.exec(query) ?? [];
    const members = [...query.matchAll(/line\.(\w+)/g)].map(([, member = '']) => member);
    // Of every line, and of every counter.
    const own = members.filter((member) => !['event', 'level', 'by'].includes(member));
    const writers = files.filter((text) => text.includes(`'${event}'`));
    return own
      .filter((member) => !writers.some((text) => new RegExp(`\\b${member}\\b`).test(text)))
      .map((member) => `${name}: ${member}`);
  });
  expect(shown.length).toBeGreaterThan(4);
  expect(wrong).toEqual([]);
});

test('alerts wait for events that the app writes', () => {
  const code = [...filesBelow('shared'), ...filesBelow('functions')].map(textOf).join('\n');
  const events = queries.flatMap(([, query]) => [...query.matchAll(/'([a-z-]+)'/g)].map(([, event = '']) => event));
  expect(events.length).toBeGreaterThan(10);
  expect([...new Set(events)].filter((event) => !code.includes(`'${event}'`))).toEqual([]);
});

test('each alert has its page in docs/operations.md', () => {
  const headings = [...textOf('docs/operations.md').matchAll(/^### `([a-z-]+)`/gm)].map(([, name]) => name);
  const names = rules.map(({ name }) => name.replace(/^trailmeter-(dev|prod)-/, ''));
  // The availability test is left out of a snapshot whose app is private.
  expect([...new Set([...names, 'unavailable'])].sort()).toEqual([...headings].sort());
});
