import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Delivery } from '../../functions/services/delivery.ts';
import { allOrNone, type Closer } from '../../infra/local/all-or-none.ts';
import type { FunctionHost } from '../../infra/local/functions-host/src/host.ts';
import { queuesWithLock } from '../../infra/local/queues.ts';
import { startStack } from '../../infra/local/stack.ts';
import { startTables } from '../../infra/local/tables/src/tables.ts';
import { decodeSettings } from '../../shared/config/decode.ts';
import { createPayiClient } from '../../shared/payi/client.ts';
import { openTables } from '../../shared/tables/open.ts';
import type { Telemetry } from '../../shared/telemetry/telemetry.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { startDelivery } from '../support/delivery.ts';
import { startTableProxy, type TableProxy } from './table-proxy.ts';

export interface RigOptions {
  processes: number;
  outageMs: number;
  /** How long Service Bus keeps the messages of a link that is gone. */
  lockMs: number;
  /** PAYI_INGEST_MODE. */
  mode: string;
  random: () => number;
  log: (line: string) => void;
}

/** The whole stack with a way to break each part of it, and a publisher of its own besides those of the app's processes. */
export interface FaultRig {
  host: FunctionHost;
  broker: NonNullable<Awaited<ReturnType<typeof startStack>>['broker']>;
  payi: NonNullable<Awaited<ReturnType<typeof startStack>>['payi']>;
  tables: TableProxy;
  delivery: Delivery;
  outageMs: number;
  random: () => number;
  /** From now on the app's processes die between two steps of a batch, until the returned function is called. */
  crashAtSteps(): () => Promise<void>;
  close(): Promise<void>;
}

const quiet: Telemetry = { info() {}, warn() {}, error() {}, count() {}, measure() {} };

/** When one part fails to start, those that stand are ended. */
export const startRig = (options: RigOptions): Promise<FaultRig> =>
  allOrNone((stands, close) => start(options, stands, close));

async function start(options: RigOptions, stands: (closer: Closer) => void, close: Closer): Promise<FaultRig> {
  const folder = await mkdtemp(join(tmpdir(), 'trailmeter-faults-'));
  stands(() => rm(folder, { recursive: true, force: true }));
  const trigger = join(folder, 'crash');
  const sound = await startTables({ port: 0 });
  stands(() => sound.close());
  const tables = await startTableProxy(sound.connectionString, options.random);
  stands(() => tables.close());
  const stack = await startStack({
    instances: options.processes,
    queues: queuesWithLock(options.lockMs),
    entry: 'test/faults/crashing-app/index.ts',
    environment: { TablesConnection: tables.connectionString },
    settings: {
      PAYI_INGEST_MODE: options.mode,
      PAYI_TIMEOUT_MS: '2000',
      PUBLISH_TIMEOUT_MS: '2000',
      CRASH_WHILE_EXISTS: trigger,
    },
    log: options.log,
  });
  stands(() => stack.close());
  const { broker, payi, host } = stack;
  if (!broker || !payi) throw new Error('The fault matrix runs on the stand-ins alone.');
  const settings = decodeSettings(stack.settings);
  const delivery = startDelivery({
    settings,
    tables: openTables({ connection: settings.TablesConnection, prefix: settings.TABLE_PREFIX }),
    payi: createPayiClient({ baseUrl: payi.url, apiKey: settings.PAYI_API_KEY ?? '', timeoutMs: 2_000 }),
    ensureLimits: async () => undefined,
    refreshLimits: () => undefined,
    clock: systemClock,
    telemetry: quiet,
  });
  stands(() => delivery.publisher.close());
  return {
    host,
    broker,
    payi,
    tables,
    delivery,
    outageMs: options.outageMs,
    random: options.random,
    crashAtSteps() {
      const written = writeFile(trigger, '');
      let going = true;
      const restarting = (async () => {
        while (going) {
          for (const instance of host.instances) if (instance.pid === 0) await instance.restart();
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        for (const instance of host.instances) if (instance.pid === 0) await instance.restart();
      })();
      return async () => {
        await written;
        await rm(trigger, { force: true });
        going = false;
        await restarting;
      };
    },
    close,
  };
}
