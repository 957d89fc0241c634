import { expect, test } from 'vitest';
import { startTestApp } from './app.ts';

test('functions, routes and methods', async () => {
  const app = await startTestApp();
  const registered = [...app.functions].map(([name, { route, methods }]) => `${name}: ${methods?.join(' ')} /${route}`);
  expect(registered.sort()).toEqual([
    'analyze: POST OPTIONS /api/analyze',
    'health-ready: GET OPTIONS /api/health/ready',
    'health: GET OPTIONS /api/health',
    'instance-get: GET OPTIONS /api/use-cases/{name}/instances/{id}',
    'judge: POST OPTIONS /api/judge',
    'route-plan: POST OPTIONS /api/routes/plan',
    'trail-search: POST OPTIONS /api/trail-finder/search',
  ]);
  for (const { authLevel } of app.functions.values()) expect(authLevel).toBe('anonymous');
  await app.close();
});
