import { entriesOf } from '../amqp/typed.ts';
import type { Reply, ReplyKeys, Request } from '../links/request-node.ts';
import type { ServedQueue } from '../queue/served-queue.ts';
import type { Fields } from './fields.ts';
import { renewLock, updateDisposition } from './locks.ts';
import { cancelScheduled, deleteMessages, peekMessage, receiveBySequenceNumber, scheduleMessage } from './messages.ts';

export const managementKeys: ReplyKeys = {
  status: 'statusCode',
  description: 'statusDescription',
  condition: 'errorCondition',
};

type Operation = (served: ServedQueue, fields: Fields, limits: { maxMessageBytes: number }) => Reply;

const operations: Record<string, Operation> = {
  'com.microsoft:renew-lock': renewLock,
  'com.microsoft:peek-message': peekMessage,
  'com.microsoft:schedule-message': scheduleMessage,
  'com.microsoft:cancel-scheduled-message': cancelScheduled,
  'com.microsoft:receive-by-sequence-number': receiveBySequenceNumber,
  'com.microsoft:update-disposition': updateDisposition,
  'com.microsoft:batch-delete-messages': deleteMessages,
};

/** Answers a request to `<queue>/$management`. */
export function answerManagement(served: ServedQueue, request: Request, maxMessageBytes: number): Reply {
  const operation = Object.hasOwn(operations, request.operation) ? operations[request.operation] : undefined;
  if (!operation) {
    return {
      status: 501,
      description: `The operation '${request.operation}' is not known here.`,
      condition: 'amqp:not-implemented',
    };
  }
  return operation(served, entriesOf(request.body), { maxMessageBytes });
}
