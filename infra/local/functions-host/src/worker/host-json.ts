import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** The members of host.json that this host goes by, with the real host's defaults. Durations are in ms. */
export interface HostSettings {
  routePrefix: string;
  /** How long a function may run; the process is restarted when one takes longer. */
  functionTimeoutMs: number;
  serviceBus: {
    maxConcurrentCalls: number;
    maxMessageBatchSize: number;
    minMessageBatchSize: number;
    maxBatchWaitTimeMs: number;
    maxAutoLockRenewalMs: number;
    autoCompleteMessages: boolean;
  };
}

const LONGEST_BATCH_WAIT_MS = 150_000;

interface HostFile {
  functionTimeout?: string;
  extensions?: { http?: { routePrefix?: string }; serviceBus?: Record<string, unknown> };
}

/** Reads host.json of the app. @throws Error that names the member with a value that it cannot have */
export async function readHostSettings(appDirectory: string): Promise<HostSettings> {
  const path = join(appDirectory, 'host.json');
  const { extensions = {}, functionTimeout } = JSON.parse(await readFile(path, 'utf8')) as HostFile;
  const given = extensions.serviceBus ?? {};
  const count = (name: string, fallback: number) => {
    const value = given[name] ?? fallback;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
    throw new Error(
      `${path}: extensions.serviceBus.${name} is ${JSON.stringify(value)}; it must be a whole number from 1.`,
    );
  };
  const duration = (name: string, value: unknown, fallback: number) => {
    if (value === undefined) return fallback;
    const ms = typeof value === 'string' ? parseTimeSpan(value) : undefined;
    if (ms !== undefined) return ms;
    throw new Error(`${path}: ${name} is ${JSON.stringify(value)}; it must be like "00:00:30".`);
  };
  const busDuration = (name: string, fallback: number) =>
    duration(`extensions.serviceBus.${name}`, given[name], fallback);
  const settings = {
    functionTimeoutMs: duration('functionTimeout', functionTimeout, 30 * 60_000),
    routePrefix: (extensions.http?.routePrefix ?? 'api').replace(/^\/|\/$/g, ''),
    serviceBus: {
      maxConcurrentCalls: count('maxConcurrentCalls', 16 * availableParallelism()),
      maxMessageBatchSize: count('maxMessageBatchSize', 1000),
      minMessageBatchSize: count('minMessageBatchSize', 1),
      maxBatchWaitTimeMs: busDuration('maxBatchWaitTime', 30_000),
      maxAutoLockRenewalMs: busDuration('maxAutoLockRenewalDuration', 300_000),
      autoCompleteMessages: given['autoCompleteMessages'] !== false,
    },
  };
  if (settings.serviceBus.minMessageBatchSize > settings.serviceBus.maxMessageBatchSize) {
    throw new Error(`${path}: extensions.serviceBus.minMessageBatchSize is more than maxMessageBatchSize.`);
  }
  if (settings.serviceBus.maxBatchWaitTimeMs > LONGEST_BATCH_WAIT_MS) {
    throw new Error(`${path}: extensions.serviceBus.maxBatchWaitTime is more than 00:02:30.`);
  }
  return settings;
}

/** `[d.]hh:mm:ss[.fff]` in ms. */
function parseTimeSpan(text: string): number | undefined {
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d+)?)$/.exec(text);
  if (match === null) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 + Math.round((seconds ?? 0) * 1000);
}
