import { spawn } from 'node:child_process';
import { once } from 'node:events';
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import type { Reconciliation } from '../../shared/reconcile/reconcile-day.ts';
import { dayOf } from '../../shared/util/days.ts';

/** The books of a day over the app on the laptop stack: what the model and Pay-i really have against what the ledger says. */

const MODEL = 'claude-sonnet-5-5';

/** A model that Pay-i does not have. */
const ownRow = { provider: 'anthropic', models: ['trail-model'], source: 'a test', prices: { input: 1, output: 5 } };

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ settings: { MODEL_PRICES: JSON.stringify([ownRow]) }, log: () => undefined });
});
afterAll(() => stack?.close());

const client = (baseURL: string): Anthropic =>
  new Anthropic({ apiKey: 'local', baseURL, maxRetries: 0, logLevel: 'off' });

const ask = (of: Anthropic, change: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) =>
  of.messages.create({
    model: MODEL,
    max_tokens: 200,
    messages: [{ role: 'user', content: 'Which tyres suit slickrock?' }],
    ...change,
  });

const throughUs = () => client(`${stack.url}/anthropic`);

async function reconcile(lookUps = 1_000): Promise<Reconciliation> {
  const answer = await fetch(`${stack.url}/api/admin/reconciliation?day=${dayOf(Date.now())}&lookUps=${lookUps}`);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { data: Reconciliation }).data;
}

/** Waits until the ledger has so many calls, and so many of them wait for Pay-i. */
async function settled(events: number, waiting = 0): Promise<Reconciliation> {
  let found = await reconcile();
  const waitingOf = ({ differences }: Reconciliation) =>
    differences.flatMap(({ reasons }) => reasons).find(({ reason }) => reason === 'waiting')?.events ?? 0;
  await expect
    .poll(async () => {
      found = await reconcile();
      return [found.events, waitingOf(found)];
    })
    .toEqual([events, waiting]);
  return found;
}

async function command(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'infra/cli/reconcile.ts', ...args], {
    env: { PATH: process.env['PATH'], TRAILMETER_URL: stack.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  const [code] = await once(child, 'close');
  return { code, stdout };
}

const reasonsOf = ({ differences }: Reconciliation) =>
  differences.flatMap(({ model, unit, against, reasons }) =>
    reasons.map(({ reason, events }) => `${against} ${model} ${unit}: ${reason} ${events}`),
  );

test('the three books agree on calls of all kinds, to the token and the nano-USD', async () => {
  const app = throughUs();
  await ask(app);
  await ask(app, { model: 'claude-opus-5-5' });
  await ask(app, {
    system: [{ type: 'text', text: 'Answer like a ranger. '.repeat(600), cache_control: { type: 'ephemeral' } }],
  });
  await ask(app, {
    system: [{ type: 'text', text: 'Answer like a ranger. '.repeat(600), cache_control: { type: 'ephemeral' } }],
  });
  for await (const _ of app.messages.stream({
    model: MODEL,
    max_tokens: 200,
    messages: [{ role: 'user', content: 'Hi' }],
  }));
  stack.model?.script({ error: { status: 529 } });
  await expect(ask(app)).rejects.toThrow();
  const found = await settled(6);
  expect(reasonsOf(found)).toEqual([]);
  expect(found).toMatchObject({ ok: true, complete: false, unknownAtPayi: 0 });
  expect(found.payiSum).toMatchObject({ limitId: `daily-budget:${found.day}`, difference: 0 });
  expect(found.notes).toEqual(['The day is not over: the books still grow while they are compared.']);
  expect(found.rows.map(({ model, modifiers, unit }) => `${model} ${modifiers} ${unit}`)).toEqual([
    'claude-opus-5-5  input',
    'claude-opus-5-5  output',
    'claude-opus-5-5  usd',
    `${MODEL}  input`,
    `${MODEL}  output`,
    `${MODEL}  cache_write`,
    `${MODEL}  cache_read`,
    `${MODEL}  usd`,
  ]);
  for (const { ledger, provider } of found.rows) expect(provider).toBeCloseTo(ledger, 8);
  const { code, stdout } = await command('--day', 'today', '--json');
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, ok: true, rows: found.rows });
});

test('bounded look-ups leave Pay-i’s figures open and say so', async () => {
  const found = await reconcile(2);
  expect(found).toMatchObject({ ok: true, unknownAtPayi: 3 });
  expect(found.rows.some(({ unit, payi }) => unit === 'usd' && payi === null)).toBe(true);
  expect(found.notes.join()).toContain('Pay-i has no sums by model');
});

test('calls that did not go through the app, and what Pay-i does not have, are named', async () => {
  await ask(throughUs(), { model: 'claude-opus-5-5', inference_geo: 'us' });
  await settled(7);
  await ask(client(stack.model?.url ?? ''));
  stack.payi?.faults.add({ path: '/ingest*', status: 503 });
  await ask(throughUs());
  const found = await settled(8, 1);
  expect(reasonsOf(found)).toEqual([
    'payi claude-opus-5-5 usd: modifiers 1',
    `provider ${MODEL} input: not_through_us 0`,
    `provider ${MODEL} output: not_through_us 0`,
    `payi ${MODEL} usd: waiting 1`,
    `provider ${MODEL} usd: usage_differs 0`,
  ]);
  const { code, stdout } = await command('--day', 'today');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^claude-sonnet-5-5, usd: Pay-i has 0\.\d+ less\.$/m);
  expect(stdout).toMatch(/^ {2}waiting -0\.\d+, 1 event\(s\): They wait for Pay-i\.[^\n]*\n {4}[\da-f-]{36}$/m);
});

test('an aborted stream, a batch and a model that Pay-i does not know are named with their events', async () => {
  stack.payi?.faults.clear();
  const before = (await reconcile()).events;
  const app = throughUs();
  stack.model?.script({ model: 'trail-model' });
  await ask(app, { model: 'claude-haiku-5-5' });
  stack.model?.script({ breakAfter: { events: 4, how: 'cut' } });
  const stream = app.messages.stream({
    model: 'claude-opus-5',
    max_tokens: 400,
    messages: [{ role: 'user', content: 'Hi' }],
  });
  await expect(stream.finalMessage()).rejects.toThrow();
  const params = { model: 'claude-sonnet-5', max_tokens: 50, messages: [{ role: 'user' as const, content: 'Hi' }] };
  const batch = await app.messages.batches.create({ requests: [{ custom_id: 'one', params }] });
  for await (const _ of await app.messages.batches.results(batch.id));
  const found = await settled(before + 3);
  const of = (model: string) =>
    found.differences
      .filter((difference) => difference.model === model)
      .flatMap(({ modifiers, unit, against, reasons }) =>
        reasons.map(({ reason, eventIds }) => `${against} ${modifiers} ${unit}: ${reason} ${eventIds.length}`),
      );
  expect(of('trail-model')).toContain('payi  usd: payi_zero 1');
  expect(of('claude-opus-5')).toEqual(
    expect.arrayContaining(['provider  output: estimated 1', 'provider  usd: estimated 1']),
  );
  // The provider bills the batch as we do; Pay-i does not know its factor.
  expect(of('claude-sonnet-5')).toEqual(['payi batch usd: modifiers 1']);
});

test('what is not a day is refused', async () => {
  expect((await command('--day', 'soon')).code).toBe(1);
  expect((await fetch(`${stack.url}/api/admin/reconciliation?day=soon`)).status).toBe(400);
});
