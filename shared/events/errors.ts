import { TrailmeterError } from '../errors/trailmeter-error.ts';

/** Neither Service Bus nor the outbox took an event. */
export class NotDurableError extends TrailmeterError {
  constructor(cause: unknown) {
    super('not_durable', 'Neither Service Bus nor Table Storage took the usage event. Try again later.', {
      status: 503,
      retryAfterSeconds: 10,
      cause,
    });
  }
}

/** Service Bus gave no look into its queue. */
export class QueueUnavailableError extends TrailmeterError {
  constructor(cause: unknown) {
    super('queue_unavailable', 'Service Bus did not show its queue in time. Try again later.', {
      status: 503,
      retryAfterSeconds: 10,
      cause,
    });
  }
}

/** A message that no batch of the queue can hold. */
export class EventTooLargeError extends TrailmeterError {
  constructor(eventId: string) {
    super('event_too_large', `Event ${eventId} is larger than a message of the queue may be. Shorten its properties.`, {
      status: 413,
    });
  }
}

/** Part of a batch could be put nowhere; the host delivers the whole batch again. */
export class BatchUnfinishedError extends TrailmeterError {
  constructor(unfinished: number, cause: unknown) {
    super(
      'batch_unfinished',
      `${unfinished} event(s) of the batch could be neither finished nor put aside; the batch is delivered again.`,
      { status: 503, cause },
    );
  }
}

/** There is no dead letter with this id. */
export class DeadLetterNotFoundError extends TrailmeterError {
  constructor(id: string) {
    super('dead_letter_not_found', `There is no dead letter ${id}. List them to see which there are.`, { status: 404 });
  }
}
