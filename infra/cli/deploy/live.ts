import { callApp } from '../admin-api.ts';
import { ROLES_MS } from './secrets.ts';
import { until } from './until.ts';

/** Waits until the app answers and reaches its tables. */
export async function waitUntilReady(url: string, signal: AbortSignal): Promise<string> {
  let last = 'nothing answers';
  const look = async (): Promise<string | undefined> => {
    try {
      const response = await fetch(`${url}/api/health/ready`, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
      });
      if (response.ok) return `${url} answers`;
      last = `it answers ${response.status}`;
    } catch (error) {
      if (signal.aborted) throw error;
      last = `nothing answers (${error instanceof Error ? error.message : String(error)})`;
    }
    return undefined;
  };
  const late = () =>
    new Error(
      `The app at ${url} is not ready: ${last}. An app with a private endpoint is reached from its network only; otherwise its first log lines name what is wrong: az webapp log tail`,
    );
  return until(look, { forMs: ROLES_MS, signal, late });
}

interface SetupItems {
  [kind: string]: Record<string, unknown>[];
}

/** Makes use cases, KPIs and limits at Pay-i equal to the declared ones, by the app and with its own key. */
export async function setUpAtPayi(url: string, key: string): Promise<string> {
  const items = (await callApp(url, key, { path: '/api/admin/payi-setup', body: {} })) as unknown as SetupItems;
  const all = Object.values(items).flat();
  const failed = all.filter(({ result }) => result === 'failed');
  if (failed.length > 0)
    throw new Error(`Pay-i refused ${failed.map((item) => `${nameOf(item)} (${item['reason']})`).join(', ')}`);
  const changed = all.filter(({ result }) => result !== 'exists').length;
  return `${all.length} use cases, KPIs and limits at Pay-i, ${changed} of them changed`;
}

const nameOf = (item: Record<string, unknown>): unknown =>
  item['limit_id'] ?? item['kpi_name'] ?? item['use_case_name'];

/** Whom the call of the smoke test counts for. */
const USER = 'deployment';
const RECEIVED_MS = 5 * 60_000;

/** One real call of a feature, until it was ingested: proves identity, model, limits, queue, ingest and Pay-i's key. */
export async function smoke(url: string, key: string, signal: AbortSignal): Promise<string> {
  const before = await reported(url, key);
  const body = { startLocation: 'Moab, UT', endLocation: 'Moab, UT', durationDays: 1 };
  const { metrics } = (await callApp(url, key, { path: '/api/routes/plan', body, userId: USER })) as {
    metrics: { cost: number | null; use_case_id: string };
  };
  const isReported = async () => {
    const now = await reported(url, key);
    return now.tried > before.tried && now.ingested > before.ingested ? true : undefined;
  };
  const late = () =>
    new Error(
      `The model answered, but Pay-i did not take the call within ${RECEIVED_MS / 60_000} minutes: npm run doctor -- --url ${url} --key KEY says why`,
    );
  await until(isReported, { forMs: RECEIVED_MS, signal, late });
  return `a route was planned for ${metrics.cost} USD, and Pay-i has the call (instance ${metrics.use_case_id})`;
}

/** How many calls of the smoke test were sent to Pay-i, and how many events of all users it took today and yesterday. */
async function reported(url: string, key: string): Promise<{ tried: number; ingested: number }> {
  const usage = await callApp(url, key, { path: `/api/usage?user=${USER}` });
  const audit = await callApp(url, key, { path: '/api/admin/audit?days=1' });
  const { rows } = usage as { rows: { requests: number }[] };
  const { states } = audit as { states: { ingested: number } };
  return { tried: rows.reduce((sum, { requests }) => sum + requests, 0), ingested: states.ingested };
}
