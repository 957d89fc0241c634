import { createServer, type Server } from 'node:net';
import { type Clock, systemClock } from '../../../../shared/util/clock.ts';
import { type BrokerConfig, BrokerConfigError, rulesOf } from './config.ts';
import { createFaults, type Faults } from './faults.ts';
import { Journal } from './journal/journal.ts';
import { JournalError } from './journal/journal-error.ts';
import { type BrokerState, ClientConnection } from './links/client-connection.ts';
import { bodyOf } from './messages/content.ts';
import { createLockToken } from './queue/lock-token.ts';
import { Queue } from './queue/queue.ts';
import type { QueueRules } from './queue/queue-rules.ts';
import { ServedQueue } from './queue/served-queue.ts';

export interface BrokerOptions {
  config: BrokerConfig;
  /** 0 takes any free port. Without it: 5672 (some clients know no other for an emulator) when free, else any. */
  port?: number;
  /** Keeps the queues in this file: messages, schedules, delivery counts and known ids; not locks. */
  dataFile?: string;
  /** A client that is silent for twice as long is closed, ms. Default: 2 minutes, after which the service does it. */
  idleTimeoutMs?: number;
  /** Gets the bytes of each message's data when it is put in a queue: once, or again when it comes back or becomes due. */
  onMessage?: (queue: string, body: Buffer) => void;
  clock?: Clock;
}

/** How many messages of a queue are in which state. `active` ones wait to be received; no message counts twice. */
export interface QueueCounts {
  active: number;
  locked: number;
  scheduled: number;
  deferred: number;
  deadLettered: number;
}

/** A Service Bus broker that runs in this process. */
export interface Broker {
  port: number;
  /** For every Service Bus client. Any key is accepted. */
  connectionString: string;
  /** Throws when there is no queue of this name. */
  counts(queue: string): QueueCounts;
  faults: Faults;
  close(): Promise<void>;
}

const STANDARD_PORT = 5672;
const STANDARD_MESSAGE_BYTES = 262_144;
const STANDARD_IDLE_MS = 120_000;

/**
 * Starts an AMQP 1.0 broker that behaves like Azure Service Bus (queues only) on 127.0.0.1.
 * Several may run in one process.
 * @throws BrokerConfigError, JournalError; the system's error when the port is taken
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const clock = options.clock ?? systemClock;
  const queues = new Map<string, ServedQueue>();
  let journal: Journal | undefined;
  const record = (path: string, change: Parameters<Journal['append']>[1]): void => {
    journal?.append(path, change);
    const body = options.onMessage && change.kind === 'put' && bodyOf(change.entry.content);
    if (body) options.onMessage?.(path, body);
  };
  for (const queue of options.config.queues) {
    const served = serveQueue(queue.name, rulesOf(queue), clock, record);
    const key = queue.name.toLowerCase();
    if (queues.has(key)) throw new BrokerConfigError([`- ${queue.name}: the queue is named twice`]);
    queues.set(key, served);
  }
  journal = options.dataFile === undefined ? undefined : openJournal(options.dataFile, queues);
  const state: BrokerState = {
    queues,
    maxMessageBytes: options.config.maxMessageBytes ?? STANDARD_MESSAGE_BYTES,
    idleTimeoutMs: options.idleTimeoutMs ?? STANDARD_IDLE_MS,
    connections: new Set(),
    tokenFaults: { unauthorized: 0, silence: 0 },
    beforeWrite() {
      journal?.flush();
      if (journal?.isWorthCompacting(liveBytes(queues))) journal.compact(snapshot(queues));
    },
  };
  const server = createServer((socket) => state.connections.add(new ClientConnection(socket, state)));
  const port = await listen(server, options.port);
  for (const queue of queues.values()) queue.act(() => undefined);
  const shutDown = async (): Promise<void> => {
    for (const queue of queues.values()) queue.close();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const connection of state.connections) connection.cut();
    await closed;
    journal?.close();
  };
  let closing: Promise<void> | undefined;
  return {
    port,
    connectionString: `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true`,
    counts: (name) => countsOf(find(queues, name)),
    faults: createFaults(state, (name) => find(queues, name)),
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}

function serveQueue(
  name: string,
  rules: QueueRules,
  clock: Clock,
  record: (path: string, change: Parameters<Journal['append']>[1]) => void,
): ServedQueue {
  const deadPath = `${name}/$deadletterqueue`;
  const deadRules = { ...rules, maxDeliveryCount: Infinity, defaultTtlMs: Infinity, duplicateWindowMs: undefined };
  const dead = new Queue({
    name: deadPath,
    rules: deadRules,
    createLockToken,
    record: (change) => record(deadPath.toLowerCase(), change),
  });
  const queue = new Queue({
    name,
    rules,
    createLockToken,
    deadLetters: dead,
    record: (change) => record(name.toLowerCase(), change),
  });
  const deadLetters = new ServedQueue({ name: deadPath, queue: dead, clock });
  return new ServedQueue({ name, queue, clock, deadLetters });
}

const DEAD_SUFFIX = '/$deadletterqueue';

function openJournal(file: string, queues: Map<string, ServedQueue>): Journal {
  return Journal.open(file, ({ queue: path, change }) => {
    const isDead = path.endsWith(DEAD_SUFFIX);
    const served = queues.get(isDead ? path.slice(0, -DEAD_SUFFIX.length) : path);
    if (!served)
      throw new JournalError(`${file} holds messages of the queue '${path}', which the configuration does not name.`);
    if (!isDead) return served.queue.restore(change);
    served.deadLetters?.queue.restore(change);
    // A message is written to the dead letters first and taken from its queue then; a crash may lie between the two.
    if (change.kind === 'put') served.queue.restore({ kind: 'remove', sequenceNumber: change.entry.sequenceNumber });
  });
}

function everyQueue(queues: Map<string, ServedQueue>): Queue[] {
  return [...queues.values()].flatMap(({ queue, deadLetters }) => [queue, ...(deadLetters ? [deadLetters.queue] : [])]);
}

const liveBytes = (queues: Map<string, ServedQueue>): number =>
  everyQueue(queues).reduce((sum, { size }) => sum + size, 0);

function* snapshot(queues: Map<string, ServedQueue>) {
  for (const queue of everyQueue(queues)) {
    for (const change of queue.snapshot()) yield { queue: queue.name.toLowerCase(), change };
  }
}

function find(queues: Map<string, ServedQueue>, name: string): ServedQueue {
  const path = name.toLowerCase();
  const isDead = path.endsWith(DEAD_SUFFIX);
  const served = queues.get(isDead ? path.slice(0, -DEAD_SUFFIX.length) : path);
  const found = isDead ? served?.deadLetters : served;
  if (!found)
    throw new BrokerConfigError([`- ${name}: there is no such queue; there are: ${[...queues.keys()].join(', ')}`]);
  return found;
}

function countsOf(served: ServedQueue): QueueCounts {
  const dead = served.deadLetters?.queue.counts();
  const deadLettered = dead ? dead.active + dead.locked + dead.deferred : 0;
  return { ...served.act((queue) => queue.counts()), deadLettered };
}

async function listen(server: Server, port: number | undefined): Promise<number> {
  const attempt = (wanted: number) =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen(wanted, '127.0.0.1', () => {
        server.off('error', reject);
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : wanted);
      });
    });
  if (port !== undefined) return attempt(port);
  try {
    return await attempt(STANDARD_PORT);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return attempt(0);
  }
}
