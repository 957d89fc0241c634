import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Policy } from '../../../shared/limits/policies/policy.ts';
import type { AllocationRow } from '../../../shared/limits/state/limit-rows.ts';
import type { AgingClock } from './aging-clock.ts';
import type { Ledger } from './ledger.ts';
import type { FromProcess, ToProcess } from './messages.ts';

export type CallEnd = 'settled' | 'refused' | 'unreadable' | 'died';

/** A call as the model knows it. Money in nano-USD. */
export interface Call {
  bound: bigint;
  /** Bounds of its cheaper forms; each costs the same share of its bound. */
  forms?: bigint[];
  learnedKey?: string;
  actual: bigint;
  /** How long the model takes, in ms. */
  takesMs: number;
}

export interface PoolOptions {
  connection: string;
  prefix: string;
  policy: Policy;
  processes: number;
  clock: AgingClock;
  ledger: Ledger;
  /** What the tables say that an owner holds. */
  sliceOf: (ownerId: string) => Promise<AllocationRow | undefined>;
  /** The model got a call. */
  onModelCall: () => void;
}

interface Pending {
  call: Call;
  end: (how: CallEnd) => void;
}

/** One life of a process. */
interface Life {
  /** Unique among all lives. */
  number: number;
  child: ChildProcess;
  pending: Map<number, Pending>;
  /** By which the tables know it; '' before its first call. */
  ownerId: string;
  /** Resolves when all that it said was heard. */
  gone: Promise<void>;
}

/** The processes that share the limit; they call a model which is here, and its ledger counts what was spent. */
export class GatePool {
  readonly #options: PoolOptions;
  /** By place; a promise, since the next process may be starting. */
  readonly #lives: Promise<Life>[];
  #calls = 0;
  #started = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#lives = Array.from({ length: options.processes }, () => this.#start());
  }

  async ready(): Promise<void> {
    await Promise.all(this.#lives);
  }

  /** Makes a call in the process at this place, when it runs. */
  async call(place: number, call: Call): Promise<CallEnd> {
    const life = await this.#life(place);
    const id = ++this.#calls;
    const { bound, learnedKey, forms } = call;
    return new Promise((end) => {
      life.pending.set(id, { call, end });
      tell(life.child, {
        kind: 'call',
        id,
        bound,
        ...(forms && { forms }),
        ...(learnedKey !== undefined && { learnedKey }),
      });
    });
  }

  /** Ends the process at this place without a warning; another takes the place. */
  async kill(place: number): Promise<void> {
    const life = await this.#life(place);
    if (!life.child.connected) return;
    life.child.kill('SIGKILL');
    this.#lives[place] = life.gone.then(() => this.#start());
    await life.gone;
    this.#options.ledger.die(life.number, await this.#options.sliceOf(life.ownerId));
    for (const { end } of life.pending.values()) end('died');
    await this.#lives[place];
  }

  /** Lets time pass in all processes, in steps so short that the living can renew their leases in between. */
  async age(stepsMs: number[], pauseMs: number): Promise<void> {
    for (const ms of stepsMs) {
      this.#options.clock.leap(ms);
      for (const life of await Promise.all(this.#lives)) tell(life.child, { kind: 'leap', ms });
      await delay(pauseMs);
    }
  }

  /** Lets all processes read the policies and what approvals raised. */
  async reload(): Promise<void> {
    for (const life of await Promise.all(this.#lives)) tell(life.child, { kind: 'reload' });
  }

  /** Lets all processes write everything down and end. */
  async close(): Promise<void> {
    const lives = await Promise.all(this.#lives);
    for (const { child } of lives) tell(child, { kind: 'close' });
    await Promise.all(lives.map(({ gone }) => gone));
  }

  /** Ends what still runs. */
  async end(): Promise<void> {
    for (const life of await Promise.allSettled(this.#lives)) {
      if (life.status === 'fulfilled' && life.value.child.connected) life.value.child.kill('SIGKILL');
    }
  }

  #life(place: number): Promise<Life> {
    return this.#lives[place] ?? Promise.reject(new Error(`There is no process ${place}.`));
  }

  async #start(): Promise<Life> {
    const { connection, prefix, policy, clock } = this.#options;
    const child = fork(fileURLToPath(new URL('./gate-process.ts', import.meta.url)), {
      execArgv: ['--import', 'tsx'],
      // Money is bigint.
      serialization: 'advanced',
      // In a process group of its own: Ctrl-C is for the parent.
      detached: process.platform !== 'win32',
    });
    const gone = once(child, 'disconnect').then(() => new Promise<void>((heard) => setImmediate(heard)));
    const life: Life = { number: ++this.#started, child, pending: new Map(), ownerId: '', gone };
    const ready = new Promise<void>((resolve, reject) => {
      child.on('message', (message: FromProcess) => (message.kind === 'ready' ? resolve() : this.#hear(life, message)));
      child.once('exit', (code) => reject(new Error(`A process ended at its start with exit code ${code}.`)));
    });
    tell(child, { kind: 'start', connection, prefix, policy, ageMs: clock.ageMs });
    await ready;
    return life;
  }

  #hear(life: Life, message: Exclude<FromProcess, { kind: 'ready' }>): void {
    const { ledger, onModelCall } = this.#options;
    const pending = life.pending.get(message.id);
    if (!pending) return;
    const { call, end } = pending;
    if (message.kind === 'model') {
      const { heldAt, held, ownerId, place } = message;
      life.ownerId = ownerId;
      const form = place === undefined ? undefined : call.forms?.[place];
      const actual = form === undefined ? call.actual : (call.actual * form) / call.bound;
      if (form !== undefined) ledger.fellBack += 1;
      ledger.model(message.id, { process: life.number, heldAt, held, actual });
      onModelCall();
      setTimeout(() => tell(life.child, { kind: 'answer', id: message.id, actual }), call.takesMs);
      return;
    }
    life.pending.delete(message.id);
    if (message.kind === 'settled') ledger.settle(message.id, message.settledAt);
    else if (message.kind === 'refused') ledger.refuse(message);
    else ledger.fail();
    end(message.kind);
  }
}

/** To a process that may be dead: then nobody hears it, as it is with a network. */
function tell(child: ChildProcess, message: ToProcess): void {
  if (child.connected) child.send(message, () => undefined);
}
