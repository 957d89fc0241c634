import type { Publisher } from '../events/publisher.ts';
import type { Outcome } from '../events/usage-event.ts';
import type { Gate, Hold } from '../limits/gate/gate.ts';
import type { CallAmounts } from '../limits/policies/units.ts';
import type { RequestShape } from '../model/request/request-shape.ts';
import { type AnswerReading, otherReadings } from '../model/usage/answer-reading.ts';
import type { TraceSpan } from '../telemetry/spans.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import type { CallForm } from '../use-cases/use-case.ts';
import type { Clock } from '../util/clock.ts';
import { uuidV7 } from '../util/ids.ts';
import { NO_STATUS, reportOf, type Used, usedBy } from './attempt-result.ts';
import { type Attempt, openCall, sentCall, type TrackedCall } from './call.ts';
import { endCallSpan, endRefused, holdAttributes, startCallSpan } from './call-span.ts';
import { addUse } from './call-use.ts';
import { reportCall } from './context.ts';
import { EventNotDurableError } from './errors.ts';
import type { CheaperCall } from './fallback/cheaper-calls.ts';
import { fallbackOf } from './fallback/fallback-of.ts';
import { offerCheaper } from './fallback/offer-cheaper.ts';
import { boundsItself } from './holds/bound.ts';
import { holdRequestOf } from './holds/hold-request.ts';
import { runningToolTokens, runningToolUse, toolUseOf } from './holds/tool-cost.ts';
import { meteredBody } from './streams/metered-body.ts';

export interface MeterOptions {
  gate: Gate;
  publisher: Publisher;
  clock: Clock;
  telemetry: Telemetry;
  /** The cheaper forms in which calls of a use case may be made, the best first. Absent: none. */
  permittedForms?(useCaseName: string): readonly CallForm[];
  /** A stream that stands still for longer is ended; ms. */
  idleMs?: number;
}

const IDLE_MS = 120_000;

export interface Meter {
  /** A call in the scope of the caller (`getContext`). @throws RequestError 403 when the scope's access key is not for it */
  open(shape: RequestShape): TrackedCall;
  /**
   * Limits, sends, meters and reports one attempt. The answer's end reaches the reader when its event is durable (D1).
   * @throws LimitReachedError before anything is sent; EventNotDurableError when neither queue nor outbox took the event.
   */
  attempt(call: TrackedCall, attempt: Attempt): Promise<Response>;
}

export function createMeter(options: MeterOptions): Meter {
  return { open: openCall, attempt: (call, attempt) => new MeteredAttempt(call, attempt, options).run() };
}

/** One attempt while it is under way. */
class MeteredAttempt {
  readonly #call: TrackedCall;
  readonly #attempt: Attempt;
  readonly #options: MeterOptions;
  readonly #startedMs: number;
  readonly #eventId: string;
  readonly #span: TraceSpan;
  #hold!: Hold;
  #answer: Response | undefined;
  #firstTokenMs: number | undefined;
  /** Tokens of server tools that the hold covers, beyond what it began with. */
  #toolTokens = 0;

  constructor(call: TrackedCall, attempt: Attempt, options: MeterOptions) {
    this.#call = call;
    this.#attempt = attempt;
    this.#options = options;
    this.#startedMs = options.clock.now();
    this.#eventId = uuidV7(this.#startedMs);
    this.#span = startCallSpan(call, attempt, this.#startedMs);
  }

  async run(): Promise<Response> {
    const call = this.#call;
    const attempt = this.#attempt;
    clearTimeout(call.repetition);
    try {
      this.#hold = call.hold ?? (await this.#holdBudget());
    } catch (error) {
      endRefused(this.#span, error);
      throw error;
    }
    let answer: Response;
    try {
      answer = await attempt.send(call.members);
    } catch (error) {
      await this.#finish(NO_STATUS, attempt.isAborted(false) ? 'aborted' : 'failed');
      throw error;
    }
    this.#answer = answer;
    if (!answer.ok || !answer.body) {
      await this.#finish(answer.status, answer.ok ? 'succeeded' : 'failed');
      return answer;
    }
    return meteredBody(answer, attempt, this);
  }

  get idleMs(): number {
    return this.#options.idleMs ?? IDLE_MS;
  }

  get readsAhead(): boolean {
    return !boundsItself(this.#call.shape);
  }

  firstOutput(): void {
    this.#firstTokenMs = this.#options.clock.now();
  }

  /** Takes more budget for what server tools add while the answer passes. Once the totals came there is nothing left to hold up. */
  mayPass(reading: AnswerReading): Promise<void> | undefined {
    if (reading.complete || !reading.turns) return undefined;
    const tokens = runningToolTokens(reading);
    if (tokens <= this.#toolTokens) return undefined;
    this.#toolTokens = tokens;
    return this.#hold.cover(runningToolUse(reading, this.#call.shape, this.#startedMs));
  }

  end(outcome: Outcome, reading: AnswerReading | undefined): Promise<void> {
    return this.#finish(this.#answer?.status ?? NO_STATUS, outcome, reading);
  }

  async #holdBudget(): Promise<Hold> {
    const { gate, telemetry, permittedForms } = this.#options;
    const call = this.#call;
    const attempt = this.#attempt;
    const permitted = permittedForms?.(call.useCase.name) ?? [];
    const [eventId, startedMs] = [this.#eventId, this.#startedMs];
    const request = holdRequestOf(call, attempt, eventId, startedMs, telemetry);
    const formsOf = offerCheaper(request, { call, attempt, eventId, startedMs, telemetry }, permitted);
    call.hold = await gate.hold(request);
    call.use = sentCall;
    const { fellBack } = call.hold;
    const form = fellBack && formsOf()[fellBack.place];
    if (form) this.#fallBack(form, fellBack.limitId);
    return call.hold;
  }

  #fallBack(form: CheaperCall, limitId: string): void {
    const { telemetry } = this.#options;
    const call = this.#call;
    const fallback = fallbackOf(limitId, call.shape, form);
    Object.assign(call, { fallback, members: form.members(), shape: form.shape });
    telemetry.count('limit-fallbacks', 1, { policy: fallback.policy });
    telemetry.info('call-fell-back', { requestId: call.context?.requestId, eventId: this.#eventId, ...fallback });
  }

  /** Publishes what the attempt used, then settles the hold unless the client will try again, then reports. */
  async #finish(status: number, outcome: Outcome, reading?: AnswerReading): Promise<void> {
    const call = this.#call;
    const facts = {
      call,
      attempt: this.#attempt,
      traceparent: this.#span.traceparent ?? this.#attempt.traceparent,
      hold: this.#hold,
      eventId: this.#eventId,
      startedMs: this.#startedMs,
      endedMs: this.#options.clock.now(),
      firstTokenMs: this.#firstTokenMs,
      status,
      outcome,
      reading,
      answer: this.#answer,
    };
    const others = reading ? otherReadings(reading) : [];
    const used = others.map((other) =>
      usedBy({ ...facts, eventId: uuidV7(this.#startedMs), reading: other, answer: undefined }),
    );
    const own = usedBy(facts);
    used.push(own);
    if (this.#span.traceparent !== undefined) this.#span.set(holdAttributes(this.#hold));
    endCallSpan(this.#span, own.event);
    if (used.some(({ event }) => event.unitsEstimated))
      this.#options.telemetry.count('usage-estimated', 1, { outcome });
    const durable = await this.#publish(used);
    call.use = addUse(call.use, used, call.shape);
    const wait = durable ? this.#attempt.repeatsWithinMs(this.#answer) : 0;
    const tools = toolUseOf(reading, this.#startedMs, call.shape);
    if (wait === 0) await this.#settle(outcome, tools);
    else call.repetition = setTimeout(() => void this.#settle(outcome, tools), wait).unref();
    if (!durable) throw new EventNotDurableError();
    this.#logCalls(used);
    for (const one of used) {
      call.report = reportOf(one, this.#hold, call.fallback);
      reportCall(call.context, call.report);
    }
  }

  /** One line a call leads from a request's id to its events and its instance. A stream may end outside of its request. */
  #logCalls(used: Used[]): void {
    for (const { event } of used)
      this.#options.telemetry.info('model-called', {
        requestId: this.#call.context?.requestId,
        eventId: event.eventId,
        useCaseId: event.useCase.id,
        outcome: event.outcome,
        status: event.httpStatusCode,
        ms: event.endToEndLatencyMs,
      });
  }

  async #publish(used: Used[]): Promise<boolean> {
    const { publisher, telemetry } = this.#options;
    try {
      await Promise.all(used.map(({ event }) => publisher.publish(event)));
      return true;
    } catch (error) {
      telemetry.error('event-not-durable', { ...describeError(error), eventId: this.#eventId });
      telemetry.count('events-not-durable');
      return false;
    }
  }

  /** A hold that can't be settled now expires later (L2): the call's event is durable, so the answer need not fail. */
  async #settle(outcome: Outcome, tools: CallAmounts | undefined): Promise<void> {
    const { telemetry } = this.#options;
    this.#call.hold = undefined;
    try {
      await this.#hold.settle(this.#call.use, outcome, tools);
    } catch (error) {
      telemetry.error('hold-not-settled', { ...describeError(error), holdId: this.#hold.id });
      telemetry.count('holds-not-settled');
    }
  }
}
