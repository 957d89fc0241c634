import { alertTextOf } from './alert-text.ts';
import type { Reported } from './approval-alert.ts';

/** `json`: the alert as it is. `slack`: an incoming webhook. `teams`: a workflow that posts when a webhook request is received. */
export const alertFormats = ['json', 'slack', 'teams'] as const;
export type AlertFormat = (typeof alertFormats)[number];

/** The body of a request that reports an alert, as JSON. */
export function bodyOf(format: AlertFormat, alert: Reported): string {
  if (format === 'json') return JSON.stringify(alert);
  return JSON.stringify(format === 'slack' ? slackMessage(alert) : teamsMessage(alert));
}

function slackMessage(alert: Reported): object {
  const { title, facts } = alertTextOf(alert);
  // Plain text, so that no name in an id can mention or link.
  const field = ([name, value]: [string, string]) => ({ type: 'plain_text', text: `${name}: ${value}` });
  return {
    text: escaped(title),
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: title } },
      { type: 'section', fields: facts.map(field) },
    ],
  };
}

/** Slack reads `text` as its markup: see "Escaping text" in its docs. */
const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

function teamsMessage(alert: Reported): object {
  const { title, facts } = alertTextOf(alert);
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      { type: 'TextBlock', text: title, weight: 'Bolder', wrap: true },
      { type: 'FactSet', facts: facts.map(([name, value]) => ({ title: name, value })) },
    ],
  };
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card };
  return { type: 'message', attachments: [attachment] };
}
