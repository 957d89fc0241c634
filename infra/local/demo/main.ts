import { policySchema } from '../../../shared/limits/policies/policy.ts';
import { toUsd } from '../../../shared/util/money.ts';
import { type CommandResult, type Output, runCommand } from '../../cli/command.ts';
import { type Stack, startStack } from '../stack.ts';
import { describeRefusal, explain } from './explain.ts';
import { collect, expectedKpis, type Facts, settledLimits, waitUntilIngested } from './facts.ts';
import { discrepancies, figures } from './figures.ts';
import { nameLimit } from './limit-names.ts';
import { askQuestions, wrongAnswers } from './questions.ts';
import { rateAnswers } from './rate.ts';
import { describe, describeAnswers } from './report.ts';
import { sendAll, type Tally } from './send.ts';
import { showConsole } from './show-console.ts';
import { traffic } from './traffic.ts';

const FRONT_END_KEY = 'demo-front-end-key';
const ADMIN_KEY = 'demo-administrator-key';
const users = [...new Set(traffic.map(({ user }) => user))];
const INGEST_LIMIT_MS = 60_000;

/** The demo shows a user's budget being reached, so the daily limit of a user is small. */
const policies = [
  { name: 'daily-budget', scope: 'global', window: 'day', maxUsd: 50, type: 'block' },
  { name: 'monthly-budget', scope: 'global', window: 'month', maxUsd: 500, type: 'allow' },
  { name: 'user-daily', scope: 'user', window: 'day', maxUsd: 0.75, threshold: 0.8, type: 'block', atPayi: true },
].map((policy) => policySchema.parse(policy));

const settings = {
  ACCESS_KEYS: JSON.stringify({
    'front-end': { key: FRONT_END_KEY, role: 'user' },
    operator: { key: ADMIN_KEY, role: 'admin' },
  }),
  JUDGE_PROVIDER: 'anthropic',
  LIMITS: JSON.stringify(policies),
};

/** `npm run demo`: always on the stand-ins, so that everything can be counted and nothing is spent. */
const command = {
  usage: 'npm run demo -- [--keep] [--open]',
  options: { keep: { type: 'boolean' }, open: { type: 'boolean' } },
} as const;

await runCommand(command, async ({ values }, output, signal) => {
  const started = Date.now();
  output.progress('Starting Service Bus, Table Storage, Pay-i, the model and the function app on 127.0.0.1 …');
  const lines: string[] = [];
  const stack = await startStack({ settings, log: (line) => lines.push(line) });
  try {
    signal.throwIfAborted();
    const result = await demonstrate(stack, output, signal, started);
    if (values['keep'] || values['open'])
      await showConsole(stack.url, ADMIN_KEY, { opens: values['open'] === true, output, signal });
    return result;
  } catch (error) {
    if (!signal.aborted) output.progress(lines.slice(-20).join('\n'));
    throw error;
  } finally {
    output.progress('Stopping everything …');
    await stack.close();
  }
});

async function demonstrate(stack: Stack, output: Output, signal: AbortSignal, started: number): Promise<CommandResult> {
  output.progress(`The app answers at ${stack.url}. Four people use it …`);
  const tally = await sendAll(stack.url, FRONT_END_KEY, traffic, {
    signal,
    onAnswer: ({ user, path }, status, refusal) =>
      output.progress(
        `  ${user.padEnd(5)} ${path.padEnd(24)} ${status} ${refusal ? describeRefusal(refusal) : ''}`.trimEnd(),
      ),
  });
  const thumbs = await rateAnswers(stack.url, FRONT_END_KEY, tally.answered, signal);
  const waiting = { signal, limitMs: INGEST_LIMIT_MS, progress: output.progress, thumbs };
  await waitUntilIngested(stack, waiting);
  const facts = { ...collect(stack), limits: await settledLimits(stack, ADMIN_KEY, waiting) };
  const usage = await askQuestions(stack.url, ADMIN_KEY, signal);
  const problems = [
    ...tally.failures,
    ...discrepancies({ ...facts, answered: tally.answered }, expectedKpis),
    ...wrongAnswers(usage, facts.events),
  ];
  const result = { ...toResult(tally, facts, problems, (Date.now() - started) / 1_000, thumbs), usage };
  if (!output.json) {
    output.say(report(tally, facts, thumbs));
    output.say(describeAnswers(usage));
  }
  const { requests, events, kpis, seconds } = result;
  output.say(
    `${requests.sent} requests: ${requests.succeeded} answered, ${requests.refused} refused by a limit, ${requests.failed} failed. ` +
      `${events.published} events: ${events.ingested} at Pay-i, ${events.duplicated} doubled, ${events.lost} lost. ` +
      `${kpis.recorded} of ${kpis.sent} scores recorded. ${seconds} s.`,
  );
  for (const problem of problems) output.say(`MISSING: ${problem}`);
  return result;
}

function report(tally: Tally, facts: Facts, thumbs: number): string {
  const useCases = figures(facts.events, facts.kpis);
  const limits = facts.limits.map((limit) => ({ ...limit, ...nameLimit(limit.limitId, policies, users) }));
  const events = new Map<string, number>();
  for (const { useCaseName } of facts.events) events.set(useCaseName, (events.get(useCaseName) ?? 0) + 1);
  const told = {
    answered: tally.succeeded,
    refusals: tally.refusals,
    events,
    useCases,
    scores: facts.kpis.length - thumbs,
    thumbs,
  };
  return describe(useCases, limits, explain(told));
}

function toResult(tally: Tally, facts: Facts, problems: string[], seconds: number, thumbs: number) {
  const table = figures(facts.events, facts.kpis);
  const ingested = new Set(facts.events.map((event) => event.providerResponseId));
  const expectedScores = table.reduce((sum, row) => sum + row.requests * (expectedKpis[row.name]?.length ?? 0), thumbs);
  return {
    ok: problems.length === 0,
    requests: { sent: tally.sent, succeeded: tally.succeeded, refused: tally.refused, failed: tally.failed },
    events: {
      published: facts.modelCalls.length,
      ingested: ingested.size,
      duplicated: facts.events.filter((event) => event.accepted > 1).length,
      lost: facts.modelCalls.filter((id) => !ingested.has(id)).length,
    },
    kpis: { sent: expectedScores, recorded: facts.kpis.length, lost: Math.max(0, expectedScores - facts.kpis.length) },
    useCases: table.map((row) => ({
      name: row.name,
      requests: row.requests,
      totalCostUsd: toUsd(row.totalNanoUsd),
      averageCostUsd: toUsd(row.averageNanoUsd),
      users: row.users.map((user) => ({
        userId: user.userId,
        requests: user.requests,
        costUsd: toUsd(user.costNanoUsd),
      })),
      kpis: row.kpis,
    })),
    limits: facts.limits.map((limit) => ({
      limitId: limit.limitId,
      whom: nameLimit(limit.limitId, policies, users).whom,
      type: limit.type,
      maxUsd: toUsd(limit.maxNanoUsd),
      spentUsd: toUsd(limit.spentNanoUsd),
      state: limit.state,
    })),
    seconds: Math.round(seconds * 10) / 10,
  };
}
