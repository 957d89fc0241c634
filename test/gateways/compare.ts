import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';

export interface Comparison {
  requests: number;
  /** How many requests got each status. */
  statuses: Record<number, number>;
  /** What was not the same, in words. */
  differences: string[];
}

export interface Asked {
  path: string;
  body: string;
  /** The client leaves after its first bytes; the stand-in takes its time. */
  leaves?: boolean;
}

/** Where requests go, with which credential. */
interface Side {
  url: string;
  headers: Record<string, string>;
}

export interface Sides {
  straight: ModelStandIn;
  behind: ModelStandIn;
  direct: Side;
  passed: Side;
  /** Headers of an answer that a client reads. */
  compared: readonly string[];
}

/** Two stand-ins that give the same answers to the same requests. */
export async function startPair() {
  const startedMs = Date.now();
  const [straight, behind] = await Promise.all(
    [1, 2].map(() => startModel({ apiKey: 'provider-secret', seed: 'same', now: () => startedMs })),
  );
  if (!straight || !behind) throw new Error('No stand-ins.');
  return { straight, behind, close: () => Promise.all([straight.close(), behind.close()]) };
}

interface Got {
  status: number;
  headers: (string | null)[];
  bytes: string;
}

async function ask({ url, headers }: Side, { path, body, leaves }: Asked, compared: readonly string[]): Promise<Got> {
  const stop = new AbortController();
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
    signal: stop.signal,
  });
  const got = { status: answer.status, headers: compared.map((name) => answer.headers.get(name)), bytes: 'left' };
  if (!leaves) return { ...got, bytes: Buffer.from(await answer.arrayBuffer()).toString('base64') };
  await answer.body?.getReader().read();
  stop.abort();
  return got;
}

/** Sends each request both ways, one after the other. */
export async function compareAll(requests: readonly Asked[], seed: number, sides: Sides): Promise<Comparison> {
  const result: Comparison = { requests: requests.length, statuses: {}, differences: [] };
  for (const [index, asked] of requests.entries()) {
    if (asked.leaves) for (const model of [sides.straight, sides.behind]) model.script({ eventDelayMs: 3 });
    const direct = await ask(sides.direct, asked, sides.compared);
    const passed = await ask(sides.passed, asked, sides.compared);
    result.statuses[direct.status] = (result.statuses[direct.status] ?? 0) + 1;
    for (const part of ['status', 'headers', 'bytes'] as const)
      if (JSON.stringify(direct[part]) !== JSON.stringify(passed[part]))
        result.differences.push(
          `request ${index} of seed ${seed}: ${part} differ (${direct.status}, ${passed.status})`,
        );
  }
  return result;
}

/** All units together. */
export const sumOf = (units: object): number =>
  Object.values(units as Record<string, { input?: number; output?: number }>).reduce(
    (sum, { input = 0, output = 0 }) => sum + input + output,
    0,
  );
