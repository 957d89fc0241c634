import { setTimeout as delay } from 'node:timers/promises';
import { allUseCases, useCases } from '../../../shared/use-cases/use-cases.ts';
import { fromUsd } from '../../../shared/util/money.ts';
import type { Stack } from '../stack.ts';
import type { RawEvent, RawKpi, RawLimit } from './figures.ts';

/** Scored by people, who are not part of the demo. */
const byPeople: readonly string[] = ['user_satisfaction'];

/** The KPIs that each use case must show for each of its instances. */
export const expectedKpis: Record<string, string[]> = Object.fromEntries(
  allUseCases.map(({ name, kpis }) => [name, kpis.map((kpi) => kpi.name).filter((kpi) => !byPeople.includes(kpi))]),
);

const judged: readonly string[] = [useCases.analysis.name, useCases.finder.name];

export interface Facts {
  events: RawEvent[];
  kpis: RawKpi[];
  limits: RawLimit[];
  /** Response ids of every answer that the model gave and that was paid for. */
  modelCalls: string[];
}

/** What the stand-ins themselves have seen: nothing here comes from the app. `payiLimits`: limit id to nano-USD spent. */
export function collect(stack: Stack): Omit<Facts, 'limits'> & { payiLimits: Map<string, bigint> } {
  const { payi, model } = stack;
  if (!payi || !model) throw new Error('The demo counts at the stand-ins; it does not run on real services.');
  const events = [...payi.inspect.events()].map((event) => ({
    providerResponseId: event.providerResponseId ?? '',
    useCaseName: event.useCaseName ?? '',
    useCaseId: event.useCaseId ?? '',
    userId: event.userId ?? '',
    costNanoUsd: fromUsd(event.costUsd),
    limitIds: event.limitIds,
    accepted: event.accepted,
  }));
  const kpis = [...payi.inspect.scores()].map((score) => ({
    useCaseName: score.useCaseName,
    useCaseId: score.useCaseId,
    name: score.kpiName,
    score: score.score ?? 0,
  }));
  const payiLimits = new Map(
    payi.inspect.limits().map((limit) => [limit.limit_id, fromUsd(limit.totals.cost.total.base)] as const),
  );
  const modelCalls = model
    .calls()
    .filter((call) => call.path === '/v1/messages' && call.status === 200)
    .map((call) => call.responseId ?? '');
  return { events, kpis, payiLimits, modelCalls };
}

/** The limits as the app tells them to an admin; the figures of Pay-i beside them. */
async function collectLimits(stack: Stack, adminKey: string): Promise<RawLimit[]> {
  const { payiLimits } = collect(stack);
  const response = await fetch(`${stack.url}/api/limits`, { headers: { 'x-functions-key': adminKey } });
  const body = (await response.json()) as {
    data: { limits: { limitId: string; type: string; maxUsd: number; spentUsd: number; state: string }[] };
  };
  return body.data.limits.map((limit) => ({
    limitId: limit.limitId,
    type: limit.type,
    maxNanoUsd: fromUsd(limit.maxUsd),
    spentNanoUsd: fromUsd(limit.spentUsd),
    payiNanoUsd: payiLimits.get(limit.limitId) ?? 0n,
    state: limit.state,
  }));
}

/**
 * Waits until Pay-i has an event for every model call, all answers are judged, all scores are there and the queues are
 * empty, with so many scores by people (`thumbs`); gives up after `limitMs`, so that the check afterwards can say what is missing.
 */
export async function waitUntilIngested(
  stack: Stack,
  options: { signal: AbortSignal; limitMs: number; progress: (text: string) => void; thumbs?: number },
): Promise<void> {
  const deadline = Date.now() + options.limitMs;
  for (let said = ''; Date.now() < deadline; await delay(200, undefined, { signal: options.signal })) {
    const { events, kpis, modelCalls } = collect(stack);
    const instances = new Map(events.map((event) => [event.useCaseId, event.useCaseName]));
    const judgements = [...instances.values()].filter((name) => name === useCases.judge.name).length;
    const toJudge = [...instances.values()].filter((name) => judged.includes(name)).length;
    const { thumbs = 0 } = options;
    const scores = [...instances.values()].reduce((sum, name) => sum + (expectedKpis[name]?.length ?? 0), thumbs);
    const now = `Pay-i has ${events.length} of ${modelCalls.length} events and ${kpis.length} of ${scores} scores; ${judgements} of ${toJudge} answers are judged.`;
    if (now !== said) options.progress(now);
    said = now;
    const complete = events.length >= modelCalls.length && kpis.length >= scores && judgements >= toJudge;
    if (complete && queuesAreEmpty(stack)) return;
  }
}

/** Nothing waits, is being worked on or is scheduled for later. */
export function queuesAreEmpty(stack: Stack): boolean {
  return ['usage-events', 'judge-jobs'].every((queue) => {
    const counts = stack.broker?.counts(queue);
    return !counts || counts.active + counts.locked + counts.scheduled === 0;
  });
}

/**
 * Reads the limits until the app's mirror has caught up with Pay-i: until its next refresh it may over-count, never
 * under-count. Gives up after `limitMs` and returns what it read last.
 */
export async function settledLimits(
  stack: Stack,
  adminKey: string,
  options: { signal: AbortSignal; limitMs: number; progress: (text: string) => void },
): Promise<RawLimit[]> {
  const deadline = Date.now() + options.limitMs;
  for (let said = false; ; await delay(500, undefined, { signal: options.signal })) {
    const limits = await collectLimits(stack, adminKey);
    if (limits.every((limit) => limit.spentNanoUsd === limit.payiNanoUsd) || Date.now() > deadline) return limits;
    if (!said) options.progress('The mirror of the limits catches up with Pay-i …');
    said = true;
  }
}
