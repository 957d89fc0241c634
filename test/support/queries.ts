import { readdirSync, readFileSync } from 'node:fs';
import { textOf } from '../structure/sources.ts';

/** A KQL query of an alert, of the workbook or of a page. */
export interface NamedQuery {
  name: string;
  query: string;
}

interface Rule {
  type: string;
  name: string;
  properties?: { criteria?: { allOf?: { query?: string }[] } };
}

const isAlert = ({ type }: Rule): boolean => /^Microsoft.Insights\/(scheduledQueryRules|metricAlerts)$/.test(type);

/** Alerts of all snapshots. */
export const alertRules = (): Rule[] =>
  readdirSync('infra')
    .filter((name) => name.endsWith('.snapshot.json'))
    .flatMap((name) => {
      const text = readFileSync(`infra/${name}`, 'utf8');
      return (JSON.parse(text) as { predictedResources: Rule[] }).predictedResources.filter(isAlert);
    });

export const alertQueries = (): NamedQuery[] =>
  alertRules().flatMap(({ name, properties }) =>
    (properties?.criteria?.allOf ?? []).flatMap(({ query }) => (query ? [{ name, query }] : [])),
  );

export function workbookQueries(): NamedQuery[] {
  const { items } = JSON.parse(readFileSync('infra/workbook.json', 'utf8')) as {
    items: { name: string; content: { query?: string } }[];
  };
  return items.flatMap(({ name, content: { query } }) => (query ? [{ name, query }] : []));
}

export const documentedQueries = (): NamedQuery[] =>
  readdirSync('docs')
    // Those of the export are of other tables: analytics-page.test.ts.
    .filter((name) => name.endsWith('.md') && name !== 'analytics.md')
    .flatMap((name) =>
      [...textOf(`docs/${name}`).matchAll(/```kusto\n([\s\S]*?)```/g)].map(([, query = ''], index) => ({
        name: `docs/${name} ${index + 1}`,
        query,
      })),
    );

/** The events that a query looks for, each with the members of its lines that the query reads from then on. */
export function linesRead(query: string): { events: string[]; members: string[] }[] {
  const conditions = query.split(/\||\bor\b/).map((part) => ({
    events: [...part.matchAll(/line\.event\) (?:==|in) \(?((?:'[a-z-]+'(?:, )?)+)/g)].flatMap(([, list = '']) =>
      [...list.matchAll(/'([a-z-]+)'/g)].map(([, event = '']) => event),
    ),
    members: [...part.matchAll(/\bline(?:\.(\w+)|\['(\w+)'\])/g)]
      .map(([, member = '', quoted = '']) => member || quoted)
      .filter((member) => member !== 'event'),
  }));
  const looked = conditions.filter(({ events }) => events.length > 0);
  // What follows the conditions is read of the lines of each.
  const later = conditions.filter(({ events }) => events.length === 0).flatMap(({ members }) => members);
  return looked.length === 0
    ? [{ events: [], members: later }]
    : looked.map(({ events, members }) => ({ events, members: [...new Set([...members, ...later])] }));
}
