import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startTestApp } from '../support/app.ts';

test('functions, routes and methods', async () => {
  const app = await startTestApp();
  const registered = [...app.functions].map(([name, { route, methods }]) => `${name}: ${methods?.join(' ')} /${route}`);
  expect(registered.filter((line) => !/^(limit|proxy|anthropic|audit|dead)/.test(line)).sort()).toEqual([
    'analyze: POST OPTIONS /api/analyze',
    'health-ready: GET OPTIONS /api/health/ready',
    'health: GET OPTIONS /api/health',
    'instance-get: GET OPTIONS /api/use-cases/{name}/instances/{id}',
    'judge: POST OPTIONS /api/judge',
    'kpis-post: POST OPTIONS /api/kpis',
    'route-plan: POST OPTIONS /api/routes/plan',
    'trail-search: POST OPTIONS /api/trail-finder/search',
  ]);
  for (const { authLevel } of app.functions.values()) expect(authLevel).toBe('anonymous');
  await app.close();
});

test('every function file is imported by the entry point', () => {
  const folder = new URL('../../functions/', import.meta.url);
  const entry = readFileSync(new URL('index.ts', folder), 'utf8');
  const files = ['http', 'queue', 'timer'].flatMap((kind) =>
    readdirSync(new URL(kind, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `./${kind}/${file}`),
  );
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) expect(entry).toContain(`import '${file}';`);
});
