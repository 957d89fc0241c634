import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Publisher } from '../delivery/publisher.ts';
import { uuidV7 } from '../ids.ts';
import type { Gate, Hold, HoldRequest } from '../limits/gate.ts';
import { type AnswerReading, emptyReading } from '../model/answer-reading.ts';
import type { Dialect } from '../model/dialect.ts';
import { type RequestShape, readRequestShape } from '../model/request-shape.ts';
import { describeError, type Telemetry } from '../telemetry.ts';
import { type AttemptResult, costOf, eventOf, NO_STATUS, reportOf, unitsOf } from './attempt-result.ts';
import { boundsItself, cheapBound, exactBound, learnedKey } from './bound.ts';
import { type CallReport, getContext, reportCall, type TrackContext } from './context.ts';
import { EventNotDurableError } from './errors.ts';
import { PassThrough, type StreamEnd } from './pass-through.ts';
import { withBody } from './stand-in-body.ts';
import type { Outcome, UseCaseRef } from '../usage-event.ts';

export interface MeterOptions {
  gate: Gate;
  publisher: Publisher;
  clock: Clock;
  telemetry: Telemetry;
  /** A stream that stands still for longer is ended; ms. */
  idleMs?: number;
}

const IDLE_MS = 120_000;
/** Calls outside any track context that names a use case count for this one. */
const UNATTRIBUTED = 'unattributed';

/** One model call. Its hold stays over all attempts that a client makes of it. */
export interface Call {
  readonly context: TrackContext | undefined;
  readonly useCase: UseCaseRef;
  readonly shape: RequestShape;
  hold?: Hold | undefined;
  /** nano-USD of all attempts so far; null once one has no known price. */
  spent: bigint | null;
  /** Settles the hold when a repetition that was expected does not come. */
  repetition?: NodeJS.Timeout | undefined;
  /** The last attempt, once its event is durable. */
  report?: CallReport;
}

/** One HTTP attempt of a call, as the client at hand makes it. */
export interface Attempt {
  dialect: Dialect;
  /** From 1. */
  number: number;
  /** Where the provider is reached, without the path. */
  providerUri: string;
  traceparent?: string | undefined;
  send(): Promise<Response>;
  /** The caller's own wish to stop, as apart from a time-out. @param isAnswered whether an answer has begun */
  isAborted(isAnswered: boolean): boolean;
  /** ms after which the client has certainly tried again, if at all; 0: this was its last attempt. */
  repeatsWithinMs(answer: Response | undefined): number;
  /** Tokens of the prompt as the provider counts them. */
  countTokens?(): Promise<number>;
}

export interface Meter {
  /** A call in the scope of the caller (`getContext`). */
  open(requestBody: unknown): Call;
  /**
   * Limits, sends, meters and reports one attempt. The answer's end reaches the reader when its event is durable (D1).
   * @throws LimitReachedError before anything is sent; EventNotDurableError when neither queue nor outbox took the event.
   */
  attempt(call: Call, attempt: Attempt): Promise<Response>;
}

export function createMeter(options: MeterOptions): Meter {
  const { gate, publisher, clock, telemetry } = options;
  const idleMs = options.idleMs ?? IDLE_MS;

  function open(requestBody: unknown): Call {
    const context = getContext();
    const useCase = context?.useCase ?? { name: UNATTRIBUTED, id: randomUUID() };
    return { context, useCase, shape: readRequestShape(requestBody), spent: 0n };
  }

  async function hold(call: Call, attempt: Attempt, eventId: string, startedMs: number): Promise<Hold> {
    clearTimeout(call.repetition);
    if (call.hold) return call.hold;
    const { shape, context, useCase } = call;
    const cheap = cheapBound(shape, startedMs);
    const count = attempt.countTokens;
    const exactBoundNanoUsd = async () => {
      try {
        return count ? exactBound(shape, startedMs, await count()) : cheap;
      } catch (error) {
        telemetry.warn('token-count-failed', describeError(error));
        return cheap;
      }
    };
    const request: HoldRequest = {
      useCaseName: useCase.name,
      occurredAtMs: startedMs,
      boundNanoUsd: cheap,
      eventId,
      category: attempt.dialect.category,
      resource: shape.model || 'unknown',
      useCaseId: useCase.id,
    };
    if (context?.userId !== undefined) request.userId = context.userId;
    if (context?.accountName !== undefined) request.accountName = context.accountName;
    if (boundsItself(shape)) request.exactBoundNanoUsd = exactBoundNanoUsd;
    else request.learnedKey = learnedKey(useCase.name, shape);
    call.hold = await gate.hold(request);
    call.spent = 0n;
    return call.hold;
  }

  /** Publishes the attempt's event, then settles the hold unless the client will try again, then reports. */
  async function finish(call: Call, attempt: Attempt, held: Hold, result: AttemptResult, answer?: Response) {
    const { units, estimated } = unitsOf(result.reading, call.shape);
    const cost = costOf(result, units, call.shape);
    const event = eventOf({
      context: call.context,
      useCase: call.useCase,
      shape: call.shape,
      result,
      units,
      unitsEstimated: estimated,
      cost,
      hold: held,
      category: attempt.dialect.category,
      providerUri: attempt.providerUri,
      number: attempt.number,
      traceparent: attempt.traceparent,
    });
    const durable = await publish(event);
    call.spent = call.spent === null || cost === null ? null : call.spent + cost;
    const wait = durable ? attempt.repeatsWithinMs(answer) : 0;
    if (wait === 0) await settle(call, held, result.outcome);
    else call.repetition = setTimeout(() => void settle(call, held, result.outcome), wait).unref();
    if (!durable) throw new EventNotDurableError();
    call.report = reportOf(event, cost, held);
    reportCall(call.context, call.report);
  }

  async function publish(event: ReturnType<typeof eventOf>): Promise<boolean> {
    try {
      await publisher.publish(event);
      return true;
    } catch (error) {
      telemetry.error('event-not-durable', { ...describeError(error), eventId: event.eventId });
      telemetry.count('events-not-durable');
      return false;
    }
  }

  /** A hold that can't be settled now expires later (L2): the call's event is durable, so the answer need not fail. */
  async function settle(call: Call, held: Hold, outcome: Outcome): Promise<void> {
    call.hold = undefined;
    try {
      await held.settle(call.spent, outcome);
    } catch (error) {
      telemetry.error('hold-not-settled', { ...describeError(error), holdId: held.id });
      telemetry.count('holds-not-settled');
    }
  }

  async function attempt(call: Call, attempt: Attempt): Promise<Response> {
    const startedMs = clock.now();
    const eventId = uuidV7(startedMs);
    const held = await hold(call, attempt, eventId, startedMs);
    let firstTokenMs: number | undefined;
    const done = (status: number, outcome: Outcome, reading?: AnswerReading, answer?: Response) =>
      finish(
        call,
        attempt,
        held,
        {
          eventId,
          startedMs,
          endedMs: clock.now(),
          firstTokenMs,
          status,
          outcome,
          reading,
          requestId: answer?.headers.get('request-id') ?? answer?.headers.get('x-request-id') ?? undefined,
        },
        answer,
      );
    const failed = (isAnswered: boolean): Outcome => (attempt.isAborted(isAnswered) ? 'aborted' : 'failed');

    let answer: Response;
    try {
      answer = await attempt.send();
    } catch (error) {
      await done(NO_STATUS, failed(false));
      throw error;
    }
    if (!answer.ok || !answer.body) {
      await done(answer.status, answer.ok ? 'succeeded' : 'failed', undefined, answer);
      return answer;
    }
    const stream = isEventStream(answer) ? attempt.dialect.readStream?.() : undefined;
    if (!stream) {
      const bytes = await answer.arrayBuffer().catch(async (error: unknown) => {
        await done(answer.status, failed(true), emptyReading(), answer);
        throw error;
      });
      const value = parse(bytes);
      await done(answer.status, 'succeeded', attempt.dialect.readAnswer(value), answer);
      return withBody(answer, {
        whole: () => bytes,
        bytes: () => bytes,
        ...(value != null && { json: () => value }),
      });
    }
    stream.onFirstOutput = () => {
      firstTokenMs = clock.now();
    };
    const end = (how: StreamEnd) =>
      done(answer.status, streamOutcome(how, stream.reading, attempt), stream.reading, answer);
    const pieces = new PassThrough(answer.body, { chunk: (bytes) => stream.feed(bytes), end, idleMs });
    return withBody(answer, { whole: () => streamOf(pieces), pieces: () => pieces });
  }

  return { open, attempt };
}

function streamOutcome(how: StreamEnd, reading: AnswerReading, attempt: Attempt): Outcome {
  if (how === 'ended') return reading.complete && !reading.failed ? 'succeeded' : 'failed';
  return how === 'cancelled' || attempt.isAborted(true) ? 'aborted' : 'failed';
}

/** Nothing is read ahead of its reader. */
const streamOf = (pieces: PassThrough): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async (reason) => void (await pieces.return(reason)),
    },
    { highWaterMark: 0 },
  );

const isEventStream = (answer: Response): boolean =>
  answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false;

/** A body that is no JSON used nothing that we could read. */
function parse(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
