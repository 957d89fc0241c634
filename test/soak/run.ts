import { setTimeout as delay } from 'node:timers/promises';
import { queuesAreEmpty } from '../../infra/local/demo/facts.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import type { Audit } from '../../shared/audit/audit.ts';
import { anyCall, type Outcome } from './calls.ts';
import { isFlat, residentMb } from './memory.ts';

export interface SoakOptions {
  loadMs: number;
  /** Between two samples of the memory, in ms. */
  sampleMs: number;
  processes: number;
  /** Calls at once. */
  concurrency: number;
  random: () => number;
  signal: AbortSignal;
  progress: (text: string) => void;
}

export interface SoakResult {
  calls: number;
  outcomes: Record<Outcome | 'failed', number>;
  /** What the first failed calls said. */
  failures: string[];
  /** Answers that the model gave and that cost money, and how many of them Pay-i has, and has more than once. */
  modelCalls: number;
  lost: number;
  doubled: number;
  /** Memory of all processes of the app together, at equal intervals. */
  rssMb: number[];
  memoryIsFlat: boolean;
  audit: Audit;
}

const MOST_FAILURES = 20;
const ADMIN_KEY = 'soak-administrator-key';
const CALLER_KEY = 'soak-front-end-key';
/** A bound on the heap: V8 puts off its work as long as memory is left, which would look like a leak. */
const settings = {
  NODE_OPTIONS: '--max-old-space-size=192',
  ACCESS_KEYS: JSON.stringify({
    'front-end': { key: CALLER_KEY, role: 'user' },
    operator: { key: ADMIN_KEY, role: 'admin' },
  }),
  JUDGE_PROVIDER: 'anthropic',
  LIMITS: JSON.stringify([
    { name: 'month', scope: 'global', window: 'month', maxUsd: 1_000_000, type: 'block' },
    { name: 'user-day', scope: 'user', window: 'day', maxUsd: 5, type: 'block' },
  ]),
};

/** Mixed load on the whole stack for a while; then all that was used must be at Pay-i once, and memory must be at rest. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const stack = await startStack({
    settings,
    instances: options.processes,
    // All: each answer that cost money is looked for at Pay-i.
    keepModelCalls: Number.POSITIVE_INFINITY,
    log: () => undefined,
  });
  try {
    const { payi, model } = stack;
    if (!payi || !model) throw new Error('The load runs on the stand-ins alone.');
    const { outcomes, failures, rssMb } = await load(
      stack.url,
      () => stack.host.instances.map(({ pid }) => pid),
      options,
    );
    options.progress('The load is over; waiting for the last events …');
    await untilAtRest(stack, options.signal);
    const answer = await fetch(`${stack.url}/api/admin/audit`, { headers: { 'x-functions-key': ADMIN_KEY } });
    const { data } = (await answer.json()) as { data: Audit };
    const paid = model
      .calls()
      .filter((call) => call.path === '/v1/messages' && call.status === 200)
      .map((call) => call.responseId ?? '');
    const events = [...payi.inspect.events()];
    const arrived = new Set(events.map((event) => event.providerResponseId));
    return {
      calls: Object.values(outcomes).reduce((sum, count) => sum + count, 0),
      outcomes,
      failures,
      modelCalls: paid.length,
      lost: paid.filter((id) => !arrived.has(id)).length,
      doubled: events.filter((event) => event.duplicates > 0).length,
      rssMb,
      memoryIsFlat: isFlat(rssMb),
      audit: data,
    };
  } finally {
    await stack.close();
  }
}

async function load(url: string, pids: () => number[], options: SoakOptions) {
  const outcomes = { answered: 0, left: 0, overBudget: 0, badRequest: 0, failed: 0 };
  const failures: string[] = [];
  const rssMb: number[] = [];
  const end = Date.now() + options.loadMs;
  const callers = Array.from({ length: options.concurrency }, async () => {
    while (Date.now() < end && !options.signal.aborted) {
      const outcome = await anyCall({ url, key: CALLER_KEY, random: options.random }).catch((error: unknown) => {
        if (failures.length < MOST_FAILURES) failures.push(error instanceof Error ? error.message : String(error));
        return 'failed' as const;
      });
      outcomes[outcome] += 1;
    }
  });
  while (Date.now() < end) {
    await delay(Math.min(options.sampleMs, Math.max(1, end - Date.now())), undefined, { signal: options.signal });
    rssMb.push(await residentMb(pids()));
    const { answered, failed } = outcomes;
    options.progress(`${answered} answered, ${failed} failed, ${rssMb.at(-1)} MB`);
  }
  await Promise.all(callers);
  return { outcomes, failures, rssMb };
}

const REST_LIMIT_MS = 180_000;

/** Answers are judged in the background, which makes new events: at rest is when twice in a row no queue holds anything. */
async function untilAtRest(stack: Stack, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + REST_LIMIT_MS;
  for (let quiet = 0; quiet < 2 && Date.now() < deadline; quiet = queuesAreEmpty(stack) ? quiet + 1 : 0)
    await delay(1_000, undefined, { signal });
}
