import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import { limitEndMs, parseLimitId, unitOf } from '../policies/limit-id.ts';
import { figuresOf } from '../policies/units.ts';
import { changeState, type StateDeps } from './change-state.ts';
import { spentOf } from './limit-math.ts';
import { levels, type StateRow } from './limit-rows.ts';

export interface ThresholdAlertOptions extends StateDeps {
  telemetry: Telemetry;
  /** Gets a POST for each crossing. */
  webhookUrl?: string | undefined;
  fetch?: typeof globalThis.fetch;
}

const reachedLevel = levels.indexOf('reached');
const pausesMs = [1_000, 5_000, 25_000];
const WEBHOOK_TIMEOUT_MS = 10_000;
/** A crossing that was not announced by then, after all its posts and their pauses, was left behind by a process that ended. */
const LEFT_BEHIND_MS = 120_000;
const REMEMBERED = 10_000;

/** Reports that a limit got to a level: once per crossing, whatever the number of processes. */
export class ThresholdAlerts {
  readonly #options: ThresholdAlertOptions;
  /** The largest refused call by limit and life, in nano-USD. */
  readonly #refused = new Map<string, bigint>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: ThresholdAlertOptions) {
    this.#options = options;
  }

  /** A write of this process was the first to bring the limit to its level. */
  reached(limitId: string, state: StateRow): void {
    this.#log(limitId, state);
    this.#inBackground(this.#announce(limitId, state, pausesMs));
  }

  /**
   * A call that needed so much (nano-USD) was refused. Only the first refusal of all processes is a crossing; after a reset
   * or a change of the maximum (`life` is another then) the next one is one again. The largest one is kept.
   */
  refused(limitId: string, life: string, neededNano: bigint): void {
    const crossing = `${limitId} ${life}`;
    const known = this.#refused.get(crossing);
    if (known !== undefined && known >= neededNano) return;
    if (this.#refused.size >= REMEMBERED) this.#refused.clear();
    this.#refused.set(crossing, neededNano);
    const work = this.#noteRefusal(limitId, neededNano).catch((error: unknown) => {
      this.#refused.delete(crossing);
      throw error;
    });
    this.#inBackground(work);
  }

  /** Announces what another process left unannounced. */
  async catchUp(limitId: string, state: StateRow): Promise<void> {
    if (state.level <= state.announced || this.#options.clock.now() - state.levelAtMs < LEFT_BEHIND_MS) return;
    // Without a webhook it is announced by the log alone, right before it is marked so.
    if (!this.#options.webhookUrl) this.#log(limitId, state);
    await this.#announce(limitId, state, []);
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #log(limitId: string, state: StateRow): void {
    const { telemetry } = this.#options;
    const level = levels[state.level] ?? 'ok';
    const policy = parseLimitId(limitId)?.policyName ?? 'unknown';
    telemetry.warn('limit-crossed', {
      limitId,
      reached: level,
      ...figuresOf(unitOf(limitId), { max: state.maxNano, spent: spentOf(state) }),
    });
    telemetry.count('limits-crossed', 1, { policy, reached: level });
  }

  async #noteRefusal(limitId: string, refusedNano: bigint): Promise<void> {
    const { clock } = this.#options;
    let first = false;
    const state = await changeState(this.#options, limitId, (before) => {
      first = before.level < reachedLevel;
      if (first) return { state: { ...before, level: reachedLevel, levelAtMs: clock.now(), refusedNano } };
      return refusedNano > (before.refusedNano ?? 0n) ? { state: { ...before, refusedNano } } : undefined;
    });
    if (first) this.reached(limitId, state);
  }

  async #announce(limitId: string, state: StateRow, pauses: number[]): Promise<void> {
    const { webhookUrl } = this.#options;
    if (webhookUrl && !(await this.#post(webhookUrl, limitId, state, pauses))) return;
    await changeState(this.#options, limitId, (now) =>
      now.announced >= state.level || now.epoch !== state.epoch
        ? undefined
        : { state: { ...now, announced: state.level } },
    );
  }

  async #post(url: string, limitId: string, state: StateRow, pauses: number[]): Promise<boolean> {
    const { clock, telemetry, fetch = globalThis.fetch } = this.#options;
    const endMs = limitEndMs(limitId);
    const body = JSON.stringify({
      event: 'limit-crossed',
      // The same in every post of one crossing: a receiver that answered too late gets it again.
      id: `${limitId} ${state.epoch} ${levels[state.level]} ${state.levelAtMs}`,
      limitId,
      level: levels[state.level],
      ...figuresOf(unitOf(limitId), { max: state.maxNano, spent: spentOf(state) }),
      at: new Date(state.levelAtMs).toISOString(),
      resetsAt: endMs === null ? null : new Date(endMs).toISOString(),
    });
    for (const pause of [...pauses, undefined]) {
      try {
        const answer = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
        });
        await answer.body?.cancel();
        if (answer.ok) return true;
        telemetry.warn('limit-webhook-refused', { limitId, status: answer.status });
      } catch (error) {
        telemetry.warn('limit-webhook-failed', { limitId, ...describeError(error) });
      }
      if (pause !== undefined) await clock.sleep(pause);
    }
    return false;
  }

  #inBackground(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => this.#options.telemetry.warn('limit-crossing-not-announced', describeError(error)))
      .finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }
}
