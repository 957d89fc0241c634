import { setTimeout as delay } from 'node:timers/promises';
import type { Closer } from '../../infra/local/all-or-none.ts';
import { type FunctionHost, startHost } from '../../infra/local/functions-host/src/host.ts';
import { type LocalServices, startServices } from '../../infra/local/services.ts';
import { fromUsd, toUsd } from '../../shared/util/money.ts';

/** App directories of two releases. */
export interface Releases {
  old: string;
  new: string;
}

export type Release = keyof Releases;

/** Which releases serve and ingest at once: an update instance by instance, and the way back. */
export const phases: readonly Release[][] = [['old'], ['old', 'new'], ['new'], ['new', 'old'], ['old'], ['new']];

export interface PhaseRow {
  releases: string;
  calls: number;
  failed: number;
}

export interface UpgradeResult {
  phases: PhaseRow[];
  audit: { ok: boolean; states: Record<string, number>; missing: string[]; doubled: unknown[] };
  /** Calls that Pay-i has, and those that it accepted more than once. */
  payi: { events: number; doubled: number };
  /** Dead letters of the older release, which does not know every member of an event, that the newer one sent again. */
  replayed: number;
  /** USD: what the callers were told, and what the newer release shows at the end. */
  toldUsd: number;
  limitUsd: number;
  usageUsd: number;
  isSound: boolean;
}

const ADMIN_KEY = 'a-key-of-an-operator';
const headers = { 'x-functions-key': ADMIN_KEY, 'content-type': 'application/json' };
const QUIET_MS = 100_000;

export interface RollingOptions {
  releases: Releases;
  /** Calls of each release in each phase. */
  calls: number;
  log: (line: string) => void;
  progress: (text: string) => void;
  /** Gets each body that is put in a queue. */
  onMessage?: (queue: string, body: Buffer) => void;
  /** Called when a phase has ended and its apps are closed. */
  afterPhase?: (phase: number, services: LocalServices) => Promise<void>;
}

/** Runs two releases on the same tables and queues, in phases, and compares at the end. `stands` gets what ends each part. */
export async function roll(options: RollingOptions, stands: (closer: Closer) => void): Promise<UpgradeResult> {
  const settings = {
    ACCESS_KEYS: JSON.stringify({ operator: { key: ADMIN_KEY, role: 'admin' } }),
    DEV_IDENTITY: '',
  };
  const { onMessage } = options;
  const services = await startServices({ settings, ...(onMessage && { onMessage }) }, stands);
  let toldNano = 0n;
  const rows: PhaseRow[] = [];
  for (const [phase, names] of phases.entries()) {
    const row = { releases: names.join(' + '), calls: 0, failed: 0 };
    options.progress(`${row.releases} …`);
    const hosts = await startHosts(options, services, names);
    await Promise.all(
      hosts.map(async ({ url }, place) => {
        for (let call = 0; call < options.calls; call++) {
          const cost = await callFeature(url, `user-${(call + place) % 3}`, call);
          row.calls += 1;
          if (cost === undefined) row.failed += 1;
          else toldNano += cost;
        }
      }),
    );
    rows.push(row);
    if (phase < phases.length - 1) await Promise.all(hosts.map((host) => host.close()));
    else {
      const result = await compare(hosts[0]?.url ?? '', services, toldNano, rows);
      await Promise.all(hosts.map((host) => host.close()));
      await options.afterPhase?.(phase, services);
      return result;
    }
    await options.afterPhase?.(phase, services);
  }
  throw new Error('There are no phases.');
}

const startHosts = (
  { releases, log }: RollingOptions,
  { settings }: LocalServices,
  names: readonly Release[],
): Promise<FunctionHost[]> =>
  Promise.all(
    names.map((name) => startHost({ appDirectory: releases[name], env: settings, port: 0, instances: 1, log })),
  );

/** One call of a feature; what it cost in nano-USD, undefined when it failed. */
async function callFeature(url: string, user: string, call: number): Promise<bigint | undefined> {
  const [path, body] =
    call % 2 === 0
      ? ['/api/routes/plan', { startLocation: 'Moab, UT', endLocation: 'Moab, UT', durationDays: 1 }]
      : ['/api/trail-finder/search', { location: 'Moab, Utah', searchRadius: 50 }];
  const request = { method: 'POST', headers: { ...headers, 'x-user-id': user }, body: JSON.stringify(body) };
  const response = await fetch(`${url}${path}`, request);
  const answer = (await response.json()) as { data?: { metrics: { cost: number } } };
  return answer.data && fromUsd(answer.data.metrics.cost);
}

interface StandInEvents {
  cursor: string | null;
  items: { accepted: number }[];
}

async function compare(
  url: string,
  { payi }: LocalServices,
  toldNano: bigint,
  rows: PhaseRow[],
): Promise<UpgradeResult> {
  const ask = async <T>(path: string) =>
    ((await (await fetch(`${url}${path}`, { headers })).json()) as { data: T }).data;
  const lastMs = Date.now() + QUIET_MS;
  const look = async () => ({
    audit: await ask<UpgradeResult['audit']>('/api/admin/audit?days=1'),
    limits: (await ask<{ limits: { limitId: string; spentUsd: number }[] }>('/api/limits')).limits,
  });
  const dailyUsd = ({ limits }: Awaited<ReturnType<typeof look>>): number =>
    limits.find(({ limitId }) => limitId.startsWith('daily-budget:'))?.spentUsd ?? 0;
  let seen = await look();
  let replayed = 0;
  // A limit counts too much until Pay-i was asked once more, at most a minute.
  while (!(isAtRest(seen.audit) && dailyUsd(seen) === toUsd(toldNano)) && Date.now() < lastMs) {
    if ((seen.audit.states['deadLettered'] ?? 0) > 0) replayed += await replayAll(url);
    await delay(1_000);
    seen = await look();
  }
  const { audit } = seen;
  const usage = await ask<{ rows: { estimatedUsd: number; requests: number }[] }>('/api/usage');
  const events: StandInEvents['items'] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = (await (await fetch(`${payi?.url}/_standin/events?cursor=${cursor}`)).json()) as StandInEvents;
    events.push(...page.items);
    cursor = page.cursor;
  }
  const result = {
    phases: rows,
    audit,
    payi: { events: events.length, doubled: events.filter(({ accepted }) => accepted > 1).length },
    replayed,
    toldUsd: toUsd(toldNano),
    limitUsd: dailyUsd(seen),
    usageUsd: usage.rows[0]?.estimatedUsd ?? 0,
  };
  const isSound =
    rows.every(({ failed }) => failed === 0) &&
    isAtRest(audit) &&
    result.payi.doubled === 0 &&
    result.payi.events === usage.rows[0]?.requests &&
    result.limitUsd === result.toldUsd &&
    result.usageUsd === result.toldUsd;
  return { ...result, isSound };
}

/** What `docs/operations.md` says to do once the newer release runs alone. Returns how many were sent again. */
async function replayAll(url: string): Promise<number> {
  const init = { method: 'POST', headers, body: JSON.stringify({ all: true }) };
  const response = await fetch(`${url}/api/admin/dead-letters/replay`, init);
  return ((await response.json()) as { data: { letters: unknown[] } }).data.letters.length;
}

/** Everything is ingested, once. */
const isAtRest = ({ ok, states }: UpgradeResult['audit']): boolean =>
  ok && Object.entries(states).every(([state, events]) => state === 'ingested' || events === 0);
