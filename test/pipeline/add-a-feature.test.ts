import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { createPayiClient } from '../../shared/payi/client.ts';
import { setUpPayi } from '../../shared/setup/set-up.ts';
import type { UseCase } from '../../shared/use-cases/use-case.ts';

/** The files that CONTRIBUTING names under "Add a feature", in a copy of the program; nothing else is touched. */
const project = fileURLToPath(new URL('../../', import.meta.url));
const COPY = 'dist/added-feature';

const useCase = {
  name: 'trail_tip',
  description: 'One sentence on a place',
  version: 1,
  kpis: [{ name: 'tip_length', description: 'Characters of the tip', kpi_type: 'number', goal: 80 }],
} as const;

const FEATURE = `
import { z } from 'zod';
import { shortText } from '../../http/validate.ts';
import type { Caller } from '../../identity/caller.ts';
import { useCases } from '../../use-cases/use-cases.ts';
import { runFeature, type TrailServices } from '../feature.ts';
import { properties } from '../properties.ts';

export const tipBody = z.strictObject({ place: shortText(100) });

export async function giveTip(services: TrailServices, caller: Caller, place: string, signal: AbortSignal) {
  const model = 'claude-haiku-5-5';
  const { result, metrics } = await runFeature(services, {
    useCase: useCases.tip,
    caller,
    requestedModel: model,
    signal,
    useCaseProperties: properties({ location: place }),
    requestProperties: {},
    work: async (deadline) => {
      const messages = [{ role: 'user' as const, content: 'One sentence on ' + place }];
      const anthropic = await services.anthropic();
      const answer = await anthropic.messages.create({ model, max_tokens: 1_000, messages }, { signal: deadline });
      return answer.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
    },
    scores: (tip) => [{ name: 'tip_length', score: tip?.length ?? 0 }],
  });
  return { tip: result, metrics };
}
`;

const ROUTE = `
export const giveTipRoute = defineRoute({
  method: 'POST',
  path: '/api/tips',
  function: 'give-tip',
  access: 'user',
  dialect: 'envelope',
  summary: 'One sentence on a place',
  body: { types: json, schema: tipBody },
  answers: { 200: enveloped(z.strictObject({ tip: z.string(), metrics: metricsSchema })) },
  failures: modelFailures,
});
`;

const REGISTRATION = `
import { giveTipRoute } from '../../../shared/api/trails.ts';
import { giveTip } from '../../../shared/trails/tips/give-tip.ts';
import { serve } from '../../services/serve.ts';

serve(giveTipRoute, async ({ body, caller, services, respond }) =>
  respond((_progress, signal) => giveTip(services, caller, body.place, signal)),
);
`;

async function edit(file: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(`${project}${COPY}/${file}`, 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`nothing was added to ${file}`);
  await writeFile(`${project}${COPY}/${file}`, after);
}

async function add(file: string, text: string): Promise<void> {
  await mkdir(dirname(`${project}${COPY}/${file}`), { recursive: true });
  await writeFile(`${project}${COPY}/${file}`, text);
}

let stack: Stack;
beforeAll(async () => {
  await rm(`${project}${COPY}`, { recursive: true, force: true });
  for (const part of ['functions', 'shared', 'package.json'])
    await cp(`${project}${part}`, `${project}${COPY}/${part}`, { recursive: true });
  const entry = `  tip: ${JSON.stringify(useCase)},\n} as const satisfies`;
  await edit('shared/use-cases/use-cases.ts', (text) => text.replace('} as const satisfies', entry));
  await add('shared/trails/tips/give-tip.ts', FEATURE);
  await edit(
    'shared/api/trails.ts',
    (text) => `import { tipBody } from '../trails/tips/give-tip.ts';\n${text}${ROUTE}`,
  );
  await add('functions/http/trails/tips.ts', REGISTRATION);
  await edit('functions/index.ts', (text) => `import './http/trails/tips.ts';\n${text}`);
  stack = await startStack({ entry: `${COPY}/functions/index.ts` });
});
afterAll(async () => {
  await stack?.close();
  await rm(`${project}${COPY}`, { recursive: true, force: true });
});

test('the types of the program take it', async () => {
  const parts = { include: ['functions', 'shared'], exclude: ['functions/console'] };
  await add('tsconfig.json', JSON.stringify({ extends: '../../tsconfig.json', ...parts }));
  const tsc = `${project}node_modules/typescript/bin/tsc`;
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, '--noEmit', '-p', `${project}${COPY}`]);
  expect(stdout).toBe('');
});

test('Pay-i gets the use case with its KPI from the one list', async () => {
  const list = pathToFileURL(`${project}${COPY}/shared/use-cases/use-cases.ts`).href;
  const { allUseCases } = (await import(/* @vite-ignore */ list)) as { allUseCases: UseCase[] };
  const { url } = stack.payi ?? { url: '' };
  const payi = createPayiClient({ baseUrl: url, apiKey: stack.settings['PAYI_API_KEY'] ?? '', timeoutMs: 60_000 });
  const added = (await setUpPayi(payi, { wanted: allUseCases })).filter(({ result }) => result === 'created');
  expect(added.map(({ name }) => name)).toEqual(['trail_tip', 'trail_tip/tip_length']);
});

test('the route is served, described and allowed to pages, and its KPI arrives', async () => {
  const url = `${stack.url}/api/tips`;
  const preflight = await fetch(url, { method: 'OPTIONS', headers: { origin: 'http://localhost:3636' } });
  expect(preflight.headers.get('access-control-allow-methods')).toBe('POST, OPTIONS');
  const post = (body: object) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  expect(await (await post({})).json()).toMatchObject({ error: 'Invalid request. place is missing' });
  stack.model?.script({ text: 'Go early.' });
  const answer = await post({ place: 'Moab' });
  const { data } = (await answer.json()) as { data: { tip: string; metrics: { use_case_id: string } } };
  expect([answer.status, data.tip]).toEqual([200, 'Go early.']);
  await vi.waitFor(
    () => {
      const scores = [...(stack.payi?.inspect.scores() ?? [])];
      expect(scores).toMatchObject([
        {
          useCaseName: 'trail_tip',
          useCaseId: data.metrics.use_case_id,
          kpiName: 'tip_length',
          score: data.tip.length,
        },
      ]);
    },
    { timeout: 60_000, interval: 100 },
  );
});
