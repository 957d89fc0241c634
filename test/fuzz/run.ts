import { type Random, randomFrom } from '../../infra/local/model/src/random.ts';
import { residentMb } from '../soak/memory.ts';
import { amqpFamilies, attackAmqp } from './amqp-attack.ts';
import { TARGET as attackedQueue } from './amqp-frames.ts';
import { undescribed } from './described-answer.ts';
import { type Answer, attackHttp } from './http-attack.ts';
import { type HttpTarget, hostileRequest } from './http-requests.ts';
import { pickTarget, targetsOf } from './http-targets.ts';
import { type HostileRequest, withRequestId } from './http-wire.ts';
import { type AttackedRequest, judgeCalls } from './model-calls/judge-calls.ts';
import { meantFor } from './model-calls/meant-for.ts';
import { paidRequest } from './model-calls/paid-requests.ts';
import { bombRequest, drawPhotoBombs, type PhotoBombs } from './photo-bombs.ts';
import { startTarget, type Target } from './target.ts';
import { bearWitness, empty } from './witness.ts';

export interface FuzzOptions {
  /** The same seed gives the same connections and requests, though not in the same order among each other. */
  seed: string;
  /** Attacks end when so many requests were sent … */
  requests: number;
  /** … or after this. */
  ms: number;
  /** Ends the attacks early. */
  signal: AbortSignal;
  progress(text: string): void;
}

export interface FuzzResult {
  /** Hostile HTTP requests, those with photos among them, and what became of them: a status, `closed` without one, `left` by us, `hang`. */
  requests: number;
  photos: number;
  byStatus: Record<string, number>;
  /** Answers of 500 and more, but 503, which says when to come again, and the host's own to a body beyond its limit. */
  serverErrors: number;
  /** Processes that ended, of the stack and of the app. */
  crashes: number;
  /** Whole requests that were not answered in time. */
  hangs: number;
  /** Calls of a model, or counts of tokens, for requests that are not meant for them or were refused: see `judgeCalls`. */
  modelCalls: number;
  /** Calls of a model for requests that are meant for them. */
  wellFormedModelCalls: number;
  rssGrowthMb: number;
  /** Hostile AMQP connections. */
  connections: number;
  witness: { sent: number; received: number };
  /** What went wrong, in words; the number of an attack finds it again under its seed. */
  complaints: string[];
}

/** Attacks at one time, of each kind: enough to meet each other, too few to keep the stack from its work. */
const LANES = 4;
/** So much of the run, or of its first minute, lets caches fill and code be compiled before memory is first looked at. */
const WARM_UP = 0.3;
const KEPT_COMPLAINTS = 20;

/** Attacks every port of the laptop stack with seeded hostile bytes, and looks whether anything but the attacks takes notice. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const bombs = await drawPhotoBombs();
  const stack = await startTarget();
  try {
    return await attack(stack, options, bombs);
  } finally {
    await stack.close();
  }
}

async function attack(stack: Target, options: FuzzOptions, bombs: PhotoBombs): Promise<FuzzResult> {
  const { started } = stack;
  const result: FuzzResult = {
    requests: 0,
    photos: 0,
    byStatus: {},
    serverErrors: 0,
    crashes: 0,
    hangs: 0,
    modelCalls: 0,
    wellFormedModelCalls: 0,
    rssGrowthMb: 0,
    connections: 0,
    witness: { sent: 0, received: 0 },
    complaints: [],
  };
  const complain = (text: string): void => {
    if (result.complaints.length < KEPT_COMPLAINTS) result.complaints.push(text);
  };
  const over = new AbortController();
  const attacksEnd = over.signal;
  const endOfTime = setTimeout(() => over.abort(), options.ms);
  options.signal.addEventListener('abort', () => over.abort());
  const witnessEnd = new AbortController();
  const witness = bearWitness(started.broker.connectionString, witnessEnd.signal);
  const memory = watchMemory(stack, Math.min(options.ms, 60_000) * WARM_UP, attacksEnd);
  const progress = setInterval(
    () => options.progress(`${result.requests} requests, ${result.connections} connections`),
    2_000,
  );
  const targets = targetsOf(started);
  const app = targets.find(({ name }) => name === 'app') as HttpTarget;

  const lane = async (once: (n: number) => Promise<void>, next: () => number): Promise<void> => {
    for (let n = next(); n < options.requests && !attacksEnd.aborted; n = next()) await once(n);
  };
  const amqp = (family: keyof typeof amqpFamilies) => async (n: number) => {
    await attackAmqp(started.broker.port, randomFrom(`${options.seed}/${family}/${n}`), amqpFamilies[family]);
    result.connections++;
  };
  const asked = new Map<string, AttackedRequest>();
  const send = async (attack: string, target: HttpTarget, random: Random, request: HostileRequest) => {
    const id = attack.replaceAll('/', '.');
    const answer = await attackHttp(target, random, withRequestId(request, id));
    if (target === app) {
      const { outcome, request: line } = answer;
      // The host answers a body beyond its limit by itself.
      const isOurs = typeof outcome === 'number' && !request.overLimit;
      const difference = isOurs ? undescribed(request.sent, outcome, answer.received) : undefined;
      if (difference !== undefined) complain(`${attack} (${line}): ${difference}`);
      asked.set(id, { attack: `${attack} (${line})`, meantFor: meantFor(request.sent, started.keys), outcome });
    }
    note(result, attack, answer, complain);
  };
  const http = async (n: number) => {
    const attack = `${options.seed}/http/${n}`;
    const random = randomFrom(attack);
    const target = pickTarget(random, targets);
    const isPaid = target === app && random.below(2) === 0;
    await send(attack, target, random, isPaid ? paidRequest(random, started.keys) : hostileRequest(random, target));
  };
  const photo = async (n: number) => {
    const attack = `${options.seed}/photo/${n}`;
    const random = randomFrom(attack);
    await send(attack, app, random, bombRequest(random, app, bombs));
    result.photos++;
  };
  const [nextAmqp, nextFields, nextHttp] = [counter(), counter(), counter()];
  const requests = Promise.all(Array.from({ length: LANES }, () => lane(http, nextHttp))).then(() => over.abort());
  await Promise.all([
    requests,
    // A single lane: pictures take as much of the machine as all other attacks.
    lane(photo, counter()),
    ...Array.from({ length: LANES }, () => [lane(amqp('amqp'), nextAmqp), lane(amqp('fields'), nextFields)]).flat(),
  ]);
  clearTimeout(endOfTime);
  clearInterval(progress);
  witnessEnd.abort();

  const { complaints, ...seen } = await witness;
  result.witness = seen;
  for (const complaint of complaints) complain(`the ordinary client: ${complaint}`);
  if (seen.received !== seen.sent) complain(`the ordinary client got ${seen.received} of ${seen.sent} messages`);
  const end = await stack.state();
  if (!end) {
    result.crashes++;
    complain(`the stack's process ended: ${stack.lastWords()}`);
    return result;
  }
  const lost = started.pids.filter((pid) => !end.pids.includes(pid));
  result.crashes += lost.length;
  if (lost.length > 0) complain(`processes of the app ended: ${lost.join(', ')}`);
  const { wellFormed, faults } = judgeCalls(asked, end.appCalls);
  result.wellFormedModelCalls = wellFormed;
  result.modelCalls = faults.length;
  for (const fault of faults) complain(fault);
  for (const leak of end.leaks) complain(`the app logged ${leak}`);
  await empty(started.broker.connectionString, attackedQueue).catch((error) =>
    complain(`an ordinary client could not read what the attacks left behind: ${error}`),
  );
  result.rssGrowthMb = await memory();
  return result;
}

function counter(): () => number {
  let n = 0;
  return () => n++;
}

function note(
  result: FuzzResult,
  attack: string,
  { outcome, request, words, overLimit }: Answer,
  complain: (text: string) => void,
): void {
  result.requests++;
  result.byStatus[outcome] = (result.byStatus[outcome] ?? 0) + 1;
  if (typeof outcome === 'number' && outcome >= 500 && outcome !== 503 && !(overLimit && words === '')) {
    result.serverErrors++;
    complain(`${attack} was answered with ${outcome}: ${request}: ${words}`);
  }
  if (outcome === 'hang') {
    result.hangs++;
    complain(`${attack} was not answered: ${request}`);
  }
}

/** Looks at resident memory after the warm-up; the function it returns says how far it has grown since, in MB. */
function watchMemory(stack: Target, warmUpMs: number, end: AbortSignal): () => Promise<number> {
  const look = async () => {
    const state = await stack.state();
    return state ? residentMb(state.pids) : 0;
  };
  const first = new Promise<number>((resolve) => {
    const timer = setTimeout(() => resolve(look()), warmUpMs);
    end.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve(look());
    });
  });
  return async () => Math.max(0, (await look()) - (await first));
}
