import { TrailmeterError } from '../errors/trailmeter-error.ts';

/**
 * The model answered, but its usage event is neither queued nor in the outbox: by D1 the answer must not leave.
 * It carries no cause, and its text no word of time: the provider's SDK repeats errors that look like a time-out or lead to
 * one, and would pay a second time.
 */
export class EventNotDurableError extends TrailmeterError {
  constructor() {
    super(
      'event_not_durable',
      'The usage of this call could not be recorded, so its answer is withheld. Try again later.',
      {
        status: 503,
        retryAfterSeconds: 30,
      },
    );
  }
}

/** Nothing came for long, or nobody read what came; the call was ended. */
export class StreamIdleError extends TrailmeterError {
  constructor(idleMs: number) {
    super('stream_idle', `The answer stood still for ${idleMs} ms, so the call was ended. Try again.`, { status: 504 });
  }
}

/** Too much of an answer waits for its reader; the call was ended. */
export class StreamUnreadError extends TrailmeterError {
  constructor() {
    super(
      'stream_unread',
      'The answer was not read as it came, so the call was ended. Read the stream while it runs.',
      {
        status: 504,
      },
    );
  }
}

/** A scope says what no usage event can carry: its calls would be paid for and never reach Pay-i. */
export class InvalidTrackOptionsError extends TrailmeterError {
  constructor(member: string, wanted: string) {
    super('invalid_track_options', `The option ${member} of trackContext must be ${wanted}.`);
  }
}

/** The provider's answer ended in the middle. It is paid for as far as it came. */
export class AnswerCutError extends TrailmeterError {
  constructor(cause?: unknown) {
    super('upstream_broken_off', 'The provider broke the answer off. Try again.', { status: 502, cause });
  }
}
