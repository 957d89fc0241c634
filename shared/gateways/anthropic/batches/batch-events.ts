import { createHash } from 'node:crypto';
import { messagesDialect } from '../../../model/dialect.ts';
import type { RequestShape } from '../../../model/request/request-shape.ts';
import { type AttemptFacts, type Used, usedBy } from '../../../tracking/attempt-result.ts';
import type { TrackContext } from '../../../tracking/context.ts';
import type { BatchResult } from './batch-result.ts';
import type { BatchFacts, OpenBatchRow } from './batch-rows.ts';

/** What the events of one batch have in common. */
export type EventBase = Pick<AttemptFacts, 'attempt' | 'hold' | 'startedMs' | 'endedMs'> & {
  id: string;
  context: TrackContext;
};

const dialect = messagesDialect();

/** Calls of a batch count from when it was made, as their limits do. How long each took, nobody says. */
export function eventBaseOf({ rowKey: id, createdMs }: OpenBatchRow, facts: BatchFacts): EventBase {
  const { holdId, limitIds, useCase, useCaseProperties, requestProperties, keyName, requestId } = facts;
  return {
    id,
    startedMs: createdMs,
    endedMs: createdMs,
    hold: { id: holdId, limitIds, warnings: [] },
    attempt: { dialect, number: 1, providerUri: facts.providerUri },
    context: {
      useCase,
      useCaseProperties,
      requestProperties,
      userId: facts.userId,
      accountName: facts.accountName,
      key: keyName === undefined ? undefined : { name: keyName },
      limitIds: [],
      requestId,
      calls: [],
      parent: undefined,
    },
  };
}

/** The events of one request of a batch, the same ids each time; none where it did not run. @param digest of its id */
export function eventsOfResult(
  base: EventBase,
  digest: string,
  shape: RequestShape,
  { outcome, status, readings }: BatchResult,
): Used[] {
  if (outcome === 'idle') return [];
  const { id, context, ...facts } = base;
  const useCase = context.useCase as NonNullable<TrackContext['useCase']>;
  return (readings.length === 0 ? [undefined] : readings).map((reading, place) =>
    usedBy({
      ...facts,
      call: { context, useCase, shape },
      eventId: eventIdOf(id, `${digest}:${place}`),
      firstTokenMs: undefined,
      status,
      outcome: outcome === 'failed' ? 'failed' : 'succeeded',
      reading,
      answer: undefined,
    }),
  );
}

/** A UUID of version 7 with the batch's time, the same for the same part of it. */
function eventIdOf(id: string, part: string): string {
  const hash = createHash('sha256').update(`${id}:${part}`).digest('hex');
  return `${id.slice(0, 13)}-7${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
}
