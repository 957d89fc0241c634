import rhea from 'rhea';
import { entriesOf, plain } from '../amqp/typed.ts';
import { settlementError } from '../links/amqp-error.ts';
import { propertiesOf } from '../links/receiving.ts';
import type { Reply } from '../links/request-node.ts';
import type { Outcome } from '../messages/outcome.ts';
import type { ServedQueue } from '../queue/served-queue.ts';
import { type Fields, text, tokensOf } from './fields.ts';
import { badRequest, lockLost, ok } from './replies.ts';

const { types } = rhea;

/** AMQP type code of array elements: strict clients take an array and no list. */
const TIMESTAMP_CODE = 0x83;

export function renewLock(served: ServedQueue, fields: Fields): Reply {
  const tokens = tokensOf(fields);
  if (!tokens) return badRequest("'lock-tokens' must be an array of uuid.");
  const ends = served.act((queue, now) => queue.renew(tokens, now));
  if (!ends) return lockLost();
  return ok({ expirations: types.wrap_array(ends, TIMESTAMP_CODE, undefined) });
}

export function updateDisposition(served: ServedQueue, fields: Fields): Reply {
  const tokens = tokensOf(fields);
  if (!tokens) return badRequest("'lock-tokens' must be an array of uuid.");
  const outcome = outcomeOf(fields);
  if (!outcome) return badRequest("'disposition-status' must be completed, abandoned, suspended or defered.");
  const results = served.act((queue, now) => tokens.map((token) => queue.settle(token, outcome, now)));
  if (results.includes('lock-lost')) return lockLost();
  const error = settlementError(results.find((result) => result !== 'settled') ?? 'settled');
  return error ? { status: 400, ...error } : ok();
}

function outcomeOf(fields: Fields): Outcome | undefined {
  const properties = propertiesOf(entriesOf(fields.get('properties-to-modify')));
  switch (plain(fields.get('disposition-status'))) {
    case 'completed':
      return { kind: 'complete' };
    case 'abandoned':
      return { kind: 'abandon', properties };
    case 'defered': // The protocol spells it so.
      return { kind: 'defer', properties };
    case 'suspended': {
      const [reason, description] = [text(fields, 'deadletter-reason'), text(fields, 'deadletter-description')];
      return { kind: 'dead-letter', reason, description, properties };
    }
    default:
      return undefined;
  }
}
