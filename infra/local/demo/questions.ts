import type { LimitView } from '../../../shared/limits/admin/limit-view.ts';
import type { OutcomeRow } from '../../../shared/outcomes/outcome-report.ts';
import type { UsageRow } from '../../../shared/usage/answers/usage-report.ts';
import { useCases } from '../../../shared/use-cases/use-cases.ts';
import type { RawEvent } from './figures.ts';

/** A question of Pay-i's integration guide, and the one request that answers it. */
export interface Question {
  question: string;
  /** GET. */
  request: string;
  /** The answer in words, from the data of the response. */
  inWords(data: AnswerData): string;
}

/** What the responses hold, each its part. */
export interface AnswerData {
  rows?: (UsageRow & OutcomeRow)[];
  /** The demo's policies are in USD. */
  limits?: Extract<LimitView, { unit: 'usd' }>[];
  ok?: boolean;
  states?: Record<string, number>;
}

export interface AnsweredQuestion {
  question: string;
  request: string;
  answer: string;
  data: AnswerData;
}

const analysis = useCases.analysis.name;
const finder = useCases.finder.name;

export const questions: readonly Question[] = [
  {
    question: 'How much are we spending on AI, and where?',
    request: '/api/usage?groupBy=useCase',
    inWords: ({ rows = [] }) => `${usd(total(rows))} in all: ${list(rows, (row) => `${row.useCase} ${cost(row)}`)}`,
  },
  {
    question: 'Which features, users and teams consume it?',
    request: '/api/usage?groupBy=user,account,useCase',
    inWords: ({ rows = [] }) =>
      list(rows, (row) => `${row.user} (${row.account ?? 'no team'}) ${row.useCase} ${cost(row)}`),
  },
  {
    question: 'How do we prevent runaway costs?',
    request: '/api/limits',
    inWords: ({ limits = [] }) =>
      list(limits, ({ policy, whose, type, maxUsd, spentUsd }) => {
        const name = whose?.user === undefined ? policy : `${policy} of ${whose.user}`;
        return `${name} ${type === 'allow' ? 'reports' : 'blocks'} at ${usd(maxUsd)}, ${usd(spentUsd)} spent`;
      }),
  },
  {
    question: 'Are we using the right models for each task?',
    request: '/api/usage?groupBy=useCase,model',
    inWords: ({ rows = [] }) =>
      list(rows, (row) => {
        const perCall = (row.estimatedUsd ?? 0) / Math.max(1, row.requests);
        return `${row.useCase} on ${row.model}: ${usd(perCall)} a call, p95 ${row.latencyMs?.p95 ?? '-'} ms`;
      }),
  },
  {
    question: 'Can we track and audit AI usage?',
    request: '/api/admin/audit?days=1',
    inWords: ({ ok, states = {} }) =>
      `${ok ? 'Yes' : 'NO'}: ${states['ingested']} events of calls and scores at Pay-i, ${states['deadLettered']} given up, ${ok ? 'none' : 'some'} missing or doubled`,
  },
  {
    question: 'What is the average cost per successful analysis?',
    request: `/api/usage/outcomes?useCase=${analysis}`,
    inWords: ({ rows = [] }) =>
      list(rows, (row) => {
        const kpi = row.kpis.find(({ name }) => name === 'analysis_success');
        return `${usd(kpi?.yes?.usdPerInstance ?? 0)} (${kpi?.yes?.instances ?? 0} of ${kpi?.scored ?? 0} succeeded)`;
      }),
  },
  {
    question: 'Do higher difficulty trails require more tokens?',
    request: `/api/usage/outcomes?useCase=${analysis}&version=${useCases.analysis.version}`,
    inWords: ({ rows = [] }) =>
      list(
        rows.flatMap(({ kpis }) => kpis.find(({ name }) => name === 'difficulty_rating')?.byScore ?? []),
        (group) => `difficulty ${group.from}: ${Math.round(group.tokensPerInstance.value)} tokens (${group.instances})`,
      ),
  },
  {
    question: 'What does a satisfied user cost?',
    request: `/api/usage/outcomes?useCase=${finder}`,
    inWords: ({ rows = [] }) =>
      list(rows, (row) => {
        const yes = row.kpis.find(({ name }) => name === 'user_satisfaction')?.yes;
        return `${usd(yes?.usdPerUser ?? 0)} (${yes?.users ?? 0} of ${row.users} users of ${row.useCase})`;
      }),
  },
  {
    question: 'How do versions compare?',
    request: '/api/usage/outcomes',
    inWords: ({ rows = [] }) =>
      list(rows, ({ useCase, version, instances, usdPerInstance }) => {
        const { value = 0, low, high } = usdPerInstance ?? {};
        const interval = low == null || high == null ? 'no interval' : `95 %: ${usd(low)} to ${usd(high)}`;
        const count = instances === 1 ? '1 instance' : `${instances} instances, ${interval}`;
        return `${useCase} v${version ?? '-'} ${usd(value)} (${count})`;
      }),
  },
];

/** Asks each question by one request. @throws Error when one is not answered */
export async function askQuestions(url: string, adminKey: string, signal: AbortSignal): Promise<AnsweredQuestion[]> {
  const answers: AnsweredQuestion[] = [];
  for (const { question, request, inWords } of questions) {
    const response = await fetch(`${url}${request}`, { headers: { 'x-functions-key': adminKey }, signal });
    if (!response.ok) throw new Error(`${request} was answered with ${response.status}.`);
    const { data } = (await response.json()) as { data: AnswerData };
    answers.push({ question, request, answer: inWords(data), data });
  }
  return answers;
}

/** What the answers say otherwise than the events that Pay-i has, as sentences. */
export function wrongAnswers(answers: readonly AnsweredQuestion[], events: readonly RawEvent[]): string[] {
  const spent = answers.find(({ request }) => request === questions[0]?.request)?.data.rows ?? [];
  const said = new Map(spent.map((row) => [row.useCase ?? '', BigInt(Math.round((row.estimatedUsd ?? 0) * 1e9))]));
  const counted = new Map<string, bigint>();
  for (const { useCaseName, costNanoUsd } of events)
    counted.set(useCaseName, (counted.get(useCaseName) ?? 0n) + costNanoUsd);
  return [...new Set([...said.keys(), ...counted.keys()])]
    .filter((name) => said.get(name) !== counted.get(name))
    .map(
      (name) =>
        `GET /api/usage has ${said.get(name) ?? 0n} nano-USD for ${name}; Pay-i has ${counted.get(name) ?? 0n}.`,
    );
}

const usd = (dollars: number): string => `$${dollars.toFixed(4)}`;
const cost = (row: UsageRow): string => usd(row.estimatedUsd ?? 0);
const total = (rows: readonly UsageRow[]): number => rows.reduce((sum, row) => sum + (row.estimatedUsd ?? 0), 0);
const list = <T>(items: readonly T[], text: (item: T) => string): string => items.map(text).join('; ') || 'nothing';
