import type { ProcessErrorArgs, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { App, AppFunction, Log } from '../app.ts';
import type { InvocationResponse } from '../core-types.ts';
import type { HostSettings } from '../host-json.ts';
import { describe, type Invoke } from '../invoke.ts';
import { createBatcher } from './batcher.ts';
import { type Connections, resolveName } from './connection.ts';
import { batchData, messageData } from './service-bus-data.ts';

/** The .NET client hands out the first messages and whatever follows within this time. */
const LINGER_MS = 20;

export interface Trigger {
  start(): void;
  /** Receives no more; resolves when the function has ended and its messages are settled. */
  stop(): Promise<void>;
}

export interface TriggerParts {
  app: App;
  settings: HostSettings['serviceBus'];
  connections: Connections;
  invoke: Invoke;
  /** Sends what the function returned for its output bindings. */
  sendOutputs: (target: AppFunction, response: InvocationResponse) => Promise<void>;
  env: NodeJS.ProcessEnv;
  log: Log;
}

/**
 * Receives a queue (or a subscription) for a function by host.json's rules. Success completes, failure abandons: all
 * messages of a batch alike, in parallel. A batch gets no lock renewal. @throws Error when a setting that it names is missing
 */
export async function createTrigger(target: AppFunction, parts: TriggerParts): Promise<Trigger> {
  const { trigger } = target;
  if (trigger.isSessionsEnabled)
    throw new Error(`Function "${target.metadata.name}": sessions are not supported here.`);
  const client = await parts.connections.client(trigger.connection);
  const options = { receiveMode: 'peekLock', maxAutoLockRenewalDurationInMs: 0, skipParsingBodyAsJson: true } as const;
  const receiver =
    trigger.topicName === undefined
      ? client.createReceiver(resolveName(trigger.queueName, parts.env), options)
      : client.createReceiver(
          resolveName(trigger.topicName, parts.env),
          resolveName(trigger.subscriptionName, parts.env),
          options,
        );
  return trigger.cardinality === 'many'
    ? batchTrigger(target, receiver, parts)
    : singleTrigger(target, receiver, parts);
}

function batchTrigger(target: AppFunction, receiver: ServiceBusReceiver, parts: TriggerParts): Trigger {
  const { settings, app } = parts;
  const keepEmpty = /^(?:true|1)$/i.test(app.capabilities['IncludeEmptyEntriesInMessagePayload'] ?? '');
  const settle = settler(target, receiver, parts);
  const batcher = createBatcher<ServiceBusReceivedMessage>(
    {
      max: settings.maxMessageBatchSize,
      min: settings.minMessageBatchSize,
      maxWaitMs: settings.maxBatchWaitTimeMs,
      lingerMs: LINGER_MS,
    },
    async (messages) => {
      const succeeded = await runFunction(target, batchData(messages, keepEmpty), parts);
      if (succeeded && !settings.autoCompleteMessages) return;
      await Promise.all(messages.map((message) => settle(message, succeeded)));
    },
    (message) => settle(message, false),
  );
  return subscription(target, receiver, parts, settings.maxMessageBatchSize, batcher.add, batcher.stop);
}

function singleTrigger(target: AppFunction, receiver: ServiceBusReceiver, parts: TriggerParts): Trigger {
  const { settings } = parts;
  const settle = settler(target, receiver, parts);
  const running = new Set<Promise<void>>();
  const handle = async (message: ServiceBusReceivedMessage) => {
    const renewal = renewLock(receiver, message, settings.maxAutoLockRenewalMs, target, parts.log);
    const succeeded = await runFunction(target, messageData(message), parts);
    clearTimeout(renewal.timer);
    if (!succeeded || settings.autoCompleteMessages) await settle(message, succeeded);
  };
  const add = async (message: ServiceBusReceivedMessage) => {
    const work = handle(message);
    running.add(work);
    await work.finally(() => running.delete(work));
  };
  const idle = async () => void (await Promise.allSettled(running));
  return subscription(target, receiver, parts, settings.maxConcurrentCalls, add, idle);
}

/**
 * Credit stands for `calls` messages; each that was worked on gives one back. Other than `receiveMessages`, which waits a
 * second for a batch that is not full, this hands over each message as it comes, and it connects again by itself.
 */
function subscription(
  target: AppFunction,
  receiver: ServiceBusReceiver,
  parts: TriggerParts,
  calls: number,
  add: (message: ServiceBusReceivedMessage) => Promise<void>,
  idle: () => Promise<void>,
): Trigger {
  const name = target.metadata.name;
  let subscribed: { close(): Promise<void> } | undefined;
  let stopping = false;
  const processError = async ({ error, errorSource }: ProcessErrorArgs) => {
    // The client reports its own end as one of receiving.
    if (stopping && errorSource === 'receive') return;
    parts.log(`Service Bus (${errorSource}): ${error.message}`, name);
  };
  return {
    start() {
      subscribed = receiver.subscribe(
        { processMessage: add, processError },
        { autoCompleteMessages: false, maxConcurrentCalls: calls },
      );
    },
    async stop() {
      stopping = true;
      const closed = subscribed?.close();
      await idle();
      await closed;
      await idle();
      await receiver.close();
    },
  };
}

async function runFunction(
  target: AppFunction,
  given: ReturnType<typeof batchData>,
  parts: TriggerParts,
): Promise<boolean> {
  try {
    await parts.sendOutputs(target, await parts.invoke(target, given));
    return true;
  } catch {
    return false; // Logged where it failed; the messages come again.
  }
}

function settler(
  target: AppFunction,
  receiver: ServiceBusReceiver,
  parts: TriggerParts,
): (message: ServiceBusReceivedMessage, succeeded: boolean) => Promise<void> {
  return async (message, succeeded) => {
    try {
      await (succeeded ? receiver.completeMessage(message) : receiver.abandonMessage(message));
    } catch (error) {
      // The lock is gone, or the broker: the message comes again.
      parts.log(`Could not settle message ${String(message.messageId)}: ${describe(error)}`, target.metadata.name);
    }
  };
}

/** Renews the lock of a message until its function ends, when half of its time or its last 10 s are left. */
function renewLock(
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  maxMs: number,
  target: AppFunction,
  log: Log,
): { timer: NodeJS.Timeout | undefined } {
  const end = Date.now() + maxMs;
  const renewal: { timer: NodeJS.Timeout | undefined } = { timer: undefined };
  const arrange = (lockedUntil: Date | undefined) => {
    const left = (lockedUntil?.getTime() ?? 0) - Date.now();
    const wait = left - Math.min(left / 2, 10_000);
    if (left <= 0 || Date.now() + wait > end) return;
    renewal.timer = setTimeout(() => {
      receiver.renewMessageLock(message).then(arrange, (error: unknown) => {
        log(
          `Could not renew the lock of message ${String(message.messageId)}: ${describe(error)}`,
          target.metadata.name,
        );
      });
    }, wait);
  };
  arrange(message.lockedUntilUtc);
  return renewal;
}
