import type { Typed } from 'rhea';
import { encodeTyped } from '../amqp/frames.ts';
import { type Link, outcomes } from '../amqp/rhea-internals.ts';
import { entriesOf, plain } from '../amqp/typed.ts';
import type { Property } from '../messages/content.ts';
import { encodeMessage } from '../messages/encode-message.ts';
import type { Outcome } from '../messages/outcome.ts';
import { stampOf } from '../messages/stamp.ts';
import type { Entry } from '../queue/entry.ts';
import type { Consumer, ServedQueue } from '../queue/served-queue.ts';
import { settlementError } from './amqp-error.ts';
import { outgoingOf } from './session.ts';

/**
 * Serves a link on which a client receives. Peek-lock: each delivery carries its lock token as tag and waits for the
 * client's outcome, which is answered when the client asks for it (receiver settle mode second). Receive-and-delete
 * (sender settle mode settled): a message is gone once it was written.
 * @param cut ends the client's connection without a word
 * @returns what to call when the link is gone
 */
export function serveReceiver(link: Link, served: ServedQueue, cut: () => void): () => void {
  const deletes = link.remote.attach.snd_settle_mode === 1;
  const outgoing = outgoingOf(link);
  let unwritten = 0;
  let draining = false;

  const settle = (token: string, outcome: Outcome) => served.act((queue, now) => queue.settle(token, outcome, now));
  const answerDrain = (): void => {
    if (!draining || unwritten > 0) return;
    link.issue_flow = true;
    link.connection._register();
  };
  const consumer: Consumer = {
    wants: () => (link.is_open() ? link.credit : 0),
    deliver(entry: Entry) {
      const token = entry.lock?.token ?? '';
      unwritten++;
      outgoing.send({
        link,
        tag: Buffer.from(token, 'latin1'),
        payload: encodeMessage(entry.content, stampOf(entry, deletes)),
        settled: deletes,
        written() {
          unwritten--;
          if (deletes) settle(token, { kind: 'complete' });
          answerDrain();
        },
        dropped() {
          unwritten--;
          settle(token, { kind: 'release' });
        },
        outcome(state) {
          const outcome = readOutcome(state);
          if (!outcome) return undefined;
          const error = settlementError(settle(token, outcome));
          if (served.faults.strikes('cutAfterSettle')) cut();
          return error;
        },
      });
    },
  };

  // A drain is answered even when nothing of the credit is left, which rhea does not do.
  link._get_drain = () => {
    if (!draining) return false;
    draining = false;
    link.delivery_count += Math.max(link.credit, 0);
    link.credit = 0;
    return true;
  };
  link.on('sender_flow', () => served.ready(consumer));
  link.on('sender_draining', () => {
    draining = true;
    answerDrain();
  });
  return () => {
    served.leave(consumer);
    outgoing.drop(link);
  };
}

/** What a client's disposition asks for; undefined when it settled without saying: then the lock runs out. */
function readOutcome(state: Typed | undefined): Outcome | undefined {
  if (outcomes.is_accepted(state)) return { kind: 'complete' };
  if (outcomes.is_released(state)) return { kind: 'abandon', properties: [] };
  const fields = (state?.value ?? []) as (Typed | undefined)[];
  if (outcomes.is_modified(state)) {
    const [, undeliverableHere, annotations] = fields;
    return {
      kind: plain(undeliverableHere) === true ? 'defer' : 'abandon',
      properties: propertiesOf(entriesOf(annotations)),
    };
  }
  return outcomes.is_rejected(state) ? readRejection(fields[0]) : undefined;
}

/** A rejection is a dead-lettering; reason and description sit in the error's info, or are the error itself. */
function readRejection(error: Typed | undefined): Outcome {
  const [condition, description, info] = (error?.value ?? []) as (Typed | undefined)[];
  const entries = entriesOf(info);
  const text = (typed: Typed | undefined): string | undefined => {
    const value = plain(typed);
    return typeof value === 'string' ? value : undefined;
  };
  const asked = text(condition) === 'com.microsoft:dead-letter';
  const reason = asked ? text(entries.get('DeadLetterReason')) : text(condition);
  const words = asked ? text(entries.get('DeadLetterErrorDescription')) : text(description);
  entries.delete('DeadLetterReason');
  entries.delete('DeadLetterErrorDescription');
  return { kind: 'dead-letter', reason, description: words, properties: propertiesOf(entries) };
}

/** Entries as application properties, in the types in which they came. */
export function propertiesOf(entries: Map<string, Typed>): Property[] {
  return [...entries].map(([name, value]) => [name, encodeTyped(value)] as const);
}
