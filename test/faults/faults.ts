import type { FaultRig } from './rig.ts';

/** One way in which things go wrong. `begin` is called while events flow; what it gives back ends it. */
export interface Fault {
  name: string;
  begin(rig: FaultRig): () => void | Promise<void>;
}

const INGEST = '/ingest/*';

/** Repeats something until the fault ends. The work may not overlap itself. */
function every(ms: number, work: () => unknown): () => Promise<void> {
  let going = true;
  const loop = (async () => {
    while (going) {
      await work();
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  })();
  return async () => {
    going = false;
    await loop;
  };
}

const payi =
  (...rules: Parameters<FaultRig['payi']['faults']['add']>): Fault['begin'] =>
  (rig) => {
    rig.payi.faults.add(...rules);
    return () => rig.payi.faults.clear();
  };

const tables =
  (kind: 'throttle' | 'error' | 'drop', share: number): Fault['begin'] =>
  (rig) => {
    rig.tables.fault = { kind, share };
    return () => {
      rig.tables.fault = undefined;
    };
  };

/** Ends a process without a warning, and starts it again, as the platform does. */
async function killOne(rig: FaultRig): Promise<void> {
  const instance = rig.host.instances[Math.floor(rig.random() * rig.host.instances.length)];
  if (!instance) return;
  await instance.kill('SIGKILL');
  await instance.restart();
}

/** The faults of delivery, in the order of the table. `down` lasts as long as the rig says. */
export const faults: Fault[] = [
  { name: 'none', begin: () => () => undefined },
  { name: 'payi-down', begin: (rig) => payi({ dropBefore: true, forMs: rig.outageMs })(rig) },
  {
    name: 'payi-500',
    begin: payi({ path: INGEST, share: 0.5, status: 500 }, { path: '*/kpis/*', share: 0.3, status: 500 }),
  },
  { name: 'payi-500-after-accept', begin: payi({ path: INGEST, share: 0.5, status: 500, afterAccept: true }) },
  { name: 'payi-429', begin: payi({ share: 0.5, status: 429, retryAfter: 1 }) },
  { name: 'payi-slow', begin: payi({ share: 0.3, delayMs: 3_000 }, { share: 0.3, slowBody: 1_500 }) },
  { name: 'payi-accept-then-drop', begin: payi({ path: INGEST, share: 0.5, dropAfterAccept: true }) },
  {
    name: 'payi-partial-errors',
    begin: payi({ path: '/ingest/bulk*', partialErrors: { share: 0.2, status: 503, code: 'unexpected_error' } }),
  },
  { name: 'payi-wrong-json', begin: payi({ path: INGEST, share: 0.5, badJson: true }) },
  { name: 'link-drops', begin: (rig) => every(400, () => rig.broker.faults.detachLinks('usage-events')) },
  { name: 'connection-drops', begin: (rig) => every(700, () => rig.broker.faults.dropConnections()) },
  { name: 'server-busy', begin: (rig) => every(200, () => rig.broker.faults.serverBusy('usage-events', 3)) },
  { name: 'send-without-answer', begin: (rig) => every(500, () => rig.broker.faults.cutAfterSend('usage-events', 1)) },
  {
    name: 'settle-without-answer',
    begin: (rig) => every(500, () => rig.broker.faults.cutAfterSettle('usage-events', 1)),
  },
  { name: 'locks-lost', begin: (rig) => every(150, () => rig.broker.faults.dropLocks('usage-events')) },
  { name: 'duplicate-delivery', begin: (rig) => every(100, () => rig.broker.faults.duplicateNext('usage-events', 50)) },
  { name: 'tables-throttled', begin: tables('throttle', 0.3) },
  { name: 'tables-errors', begin: tables('error', 0.3) },
  { name: 'tables-without-answer', begin: tables('drop', 0.2) },
  { name: 'kill-random', begin: (rig) => every(500, () => killOne(rig)) },
  { name: 'kill-at-each-step', begin: (rig) => rig.crashAtSteps() },
  { name: 'all-mixed', begin: mixed },
];

async function endAll(ends: (() => void | Promise<void>)[]): Promise<void> {
  for (const end of ends) await end();
}

function mixed(rig: FaultRig): () => Promise<void> {
  rig.payi.faults.add(
    { path: INGEST, share: 0.1, status: 500 },
    { path: INGEST, share: 0.1, dropAfterAccept: true },
    { path: '/ingest/bulk*', share: 0.1, partialErrors: { share: 0.2, status: 503, code: 'unexpected_error' } },
    { path: INGEST, share: 0.05, badJson: true },
    { share: 0.05, status: 429, retryAfter: 1 },
    { share: 0.05, delayMs: 1_000 },
  );
  const ends = [
    () => rig.payi.faults.clear(),
    tables('throttle', 0.1)(rig),
    every(1_500, () => rig.broker.faults.detachLinks('usage-events')),
    every(900, () => rig.broker.faults.serverBusy('usage-events', 1)),
    every(700, () => rig.broker.faults.duplicateNext('usage-events', 20)),
    every(1_100, () => rig.broker.faults.dropLocks('usage-events')),
    every(1_300, () => killOne(rig)),
  ];
  return () => endAll(ends);
}
