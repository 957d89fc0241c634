import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { FromWorker, StartOrder, TimerFunction, ToWorker } from '../messages.ts';
import { parseSchedule } from '../ncrontab.ts';
import { createAdmin } from './admin.ts';
import { type App, type Log, loadApp } from './app.ts';
import { readHostSettings } from './host-json.ts';
import { createHttpServer } from './http/http-server.ts';
import { createInvoker, describe, type Invoker } from './invoke.ts';
import { createConnections, resolveName } from './service-bus/connection.ts';
import { createOutputs } from './service-bus/service-bus-output.ts';
import { createTrigger } from './service-bus/service-bus-trigger.ts';

/** One instance of the app: started by the host, which gives its orders over the IPC channel; ends when that closes. */
const tell = (message: FromWorker) => process.send?.(message);
const log: Log = (text, functionName) => tell({ kind: 'log', text, ...(functionName && { functionName }) });

interface Running {
  app: App;
  invoker: Invoker;
  stop(graceMs: number): Promise<void>;
}

async function start(order: StartOrder): Promise<Running> {
  const settings = await readHostSettings(order.appDirectory);
  const app = await loadApp(order.appDirectory, log);
  const invoker = createInvoker(app, log, settings.functionTimeoutMs, fail);
  const connections = createConnections(process.env);
  const sendOutputs = createOutputs(connections, process.env, log);
  const invoke: Invoker['invoke'] = invoker.invoke;
  const parts = { app, settings: settings.serviceBus, connections, invoke, sendOutputs, env: process.env, log };
  const triggers = await Promise.all(
    app.functions
      .filter(({ trigger }) => trigger.type.toLowerCase() === 'servicebustrigger')
      .map((target) => createTrigger(target, parts)),
  );
  const timers = readTimers(app);
  refuseOthers(app);

  const administer = createAdmin(app, invoke);
  const server = createHttpServer({ app, settings, keys: order.keys, invoke, administer, env: process.env, log });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  for (const trigger of triggers) trigger.start();
  tell({ kind: 'ready', port: (server.address() as AddressInfo).port, timers });

  return {
    app,
    invoker,
    async stop(graceMs) {
      const closed = once(server, 'close');
      server.close();
      const finished = Promise.all([closed, invoker.idle(), ...triggers.map((trigger) => trigger.stop())]);
      await Promise.race([finished, delay(graceMs, undefined, { ref: false })]);
      for (const hook of app.hooks.appTerminate) await hook({ hookData: {}, appHookData: app.appHookData });
      await Promise.race([connections.close(), delay(1000, undefined, { ref: false })]);
    },
  };
}

function readTimers(app: App): TimerFunction[] {
  return app.functions
    .filter(({ trigger }) => trigger.type.toLowerCase() === 'timertrigger')
    .map(({ metadata, trigger }) => {
      const schedule = resolveName(trigger.schedule, process.env);
      parseSchedule(schedule);
      return { name: metadata.name, schedule, runOnStartup: trigger.runOnStartup === true };
    });
}

function refuseOthers(app: App): void {
  const known = ['httptrigger', 'servicebustrigger', 'timertrigger'];
  for (const { metadata, trigger } of app.functions) {
    if (known.includes(trigger.type.toLowerCase())) continue;
    throw new Error(`Function "${metadata.name}": the local host has no ${trigger.type}.`);
  }
}

let running: Running | undefined;

async function obey(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case 'start':
      running = await start(message.order);
      return;
    case 'timer': {
      const target = running?.app.functions.find(({ metadata }) => metadata.name === message.name);
      const data = { json: JSON.stringify(message.info) };
      // A failure is logged by the invoker and does not change the schedule.
      if (target) await running?.invoker.invoke(target, { data, triggerMetadata: {} }).catch(() => undefined);
      tell({ kind: 'timer-done', id: message.id });
      return;
    }
    case 'stop':
      await running?.stop(message.graceMs);
      process.exit(0);
  }
}

function fail(error: unknown): void {
  const end = () => process.exit(1);
  if (!process.send?.({ kind: 'failed', reason: describe(error) } satisfies FromWorker, end)) end();
}

process.on('message', (message: ToWorker) => void obey(message).catch(fail));
process.on('disconnect', () => process.exit(0));
// Ctrl-C comes to the whole process group; the host then stops this process in order.
process.on('SIGINT', () => {});
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
