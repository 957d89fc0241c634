import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type {
  Binding,
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  HookName,
  ProgrammingModel,
} from './core-types.ts';
import { captureStreamServer, type StreamServer } from './http/stream-server.ts';

export interface AppFunction {
  metadata: FunctionMetadata;
  callback: FunctionCallback;
  /** The name of the trigger's binding, and the binding. */
  triggerName: string;
  trigger: Binding;
}

/** The app after its start: what it registered and what it can do. */
export interface App {
  /** In the order of their names, which is the order in which the host tries routes. */
  functions: AppFunction[];
  hooks: Record<HookName, HookCallback[]>;
  model: ProgrammingModel;
  capabilities: Record<string, string>;
  /** Shared by all hooks of the app. */
  appHookData: Record<string, unknown>;
  /** Present when the app turned HTTP streaming on. */
  streamServer: StreamServer | undefined;
}

export type Log = (text: string, functionName?: string) => void;

/**
 * Loads the app by package.json's `main`, with a core module as the worker supplies it.
 * @throws whatever the app throws at its start; Error when it registers nothing
 */
export async function loadApp(appDirectory: string, log: Log): Promise<App> {
  const functions: AppFunction[] = [];
  const hooks: App['hooks'] = { appStart: [], appTerminate: [], preInvocation: [], postInvocation: [], log: [] };
  let model: ProgrammingModel | undefined;
  let started = false;

  supplyCore({
    version: '3.0.0',
    hostVersion: '4.0.0',
    setProgrammingModel(given: ProgrammingModel) {
      model = given;
    },
    getProgrammingModel: () => model,
    registerFunction(metadata: FunctionMetadata, callback: FunctionCallback) {
      if (started) throw new Error('A function can only be registered during app startup.');
      functions.push(readFunction(metadata, callback));
      return { dispose() {} };
    },
    registerHook(name: HookName, callback: HookCallback) {
      hooks[name].push(callback);
      return { dispose: () => void hooks[name].splice(hooks[name].indexOf(callback), 1) };
    },
    log(level: string, _category: string, message: string) {
      if (level !== 'debug' && level !== 'trace') log(message);
    },
  });

  await importMain(appDirectory);
  if (model === undefined || functions.length === 0) {
    throw new Error(`The app in ${appDirectory} registered no function: does its main file import them all?`);
  }
  const appHookData = {};
  for (const hook of hooks.appStart) await hook({ hookData: {}, appHookData, functionAppDirectory: appDirectory });
  const { capabilities, streamServer } = await readCapabilities(model);
  started = true;
  functions.sort((a, b) => (a.metadata.name.toLowerCase() < b.metadata.name.toLowerCase() ? -1 : 1));
  return { functions, hooks, model, capabilities, appHookData, streamServer };
}

/** The module in `../core` hands this object out. */
function supplyCore(core: object): void {
  (globalThis as Record<symbol, unknown>)[Symbol.for('trailmeter.functions-core')] = core;
}

async function importMain(appDirectory: string): Promise<void> {
  const { main } = JSON.parse(await readFile(join(appDirectory, 'package.json'), 'utf8')) as { main?: string };
  if (main === undefined)
    throw new Error(`${join(appDirectory, 'package.json')} names no "main" file: the app's entry.`);
  const entry = createRequire(join(appDirectory, 'package.json')).resolve(`./${main}`);
  await import(pathToFileURL(entry).href);
}

async function readCapabilities(
  model: ProgrammingModel,
): Promise<{ capabilities: Record<string, string>; streamServer: StreamServer | undefined }> {
  let capabilities: Record<string, string> = {};
  const streamServer = await captureStreamServer(async () => {
    capabilities = (await model.getCapabilities?.(capabilities)) ?? capabilities;
  });
  return { capabilities, streamServer };
}

function readFunction(metadata: FunctionMetadata, callback: FunctionCallback): AppFunction {
  const found = Object.entries(metadata.bindings).find(([, binding]) => binding.type.toLowerCase().endsWith('trigger'));
  if (found === undefined) throw new Error(`Function "${metadata.name}" has no trigger.`);
  return { metadata, callback, triggerName: found[0], trigger: found[1] };
}
