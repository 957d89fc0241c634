import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startStack } from '../../../infra/local/stack.ts';
import { withBrowser } from '../with-browser.ts';
import { seriousFaults } from './axe.ts';
import { openConsole, overflowOf, takeScreens } from './console-page.ts';
import { ADMIN_KEY, keySettings, USER_KEY } from './console-stack.ts';

const photo = fileURLToPath(new URL('../../fixtures/trail.jpg', import.meta.url));

const world = withBrowser(() =>
  startStack({ settings: { ...keySettings, JUDGE_PROVIDER: 'anthropic', JUDGE_SAMPLE_RATE: '0' } }),
);

describe('trying a feature', () => {
  test('uploads a photo, shows the progress, the answer and its cost, and records thumbs', async () => {
    const { page, faults } = await openConsole(world, 'try-it', USER_KEY);
    await page.getByLabel('Photos').setInputFiles(photo);
    await page.getByRole('img', { name: 'trail.jpg' }).waitFor();
    await page.getByRole('button', { name: 'Assess' }).click();
    const answer = page.getByRole('region', { name: 'Answer' });
    await answer.getByText('Difficulty', { exact: true }).waitFor();
    await answer.getByText('Accepted').waitFor();
    expect(await answer.locator('.worth').innerText()).toMatch(/^\$0\.\d+ for [\d,]+ tokens in/);
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, 'try-it-analyze');
    await answer.getByRole('button', { name: 'Thumbs up' }).click();
    await answer.getByText('Thank you.').waitFor();
    await expect
      .poll(() => [...(world.stack.payi?.inspect.scores() ?? [])].map(({ kpiName, score }) => [kpiName, score]))
      .toContainEqual(['user_satisfaction', 1]);
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => overflowOf(page)).toBe(0);
    expect(faults).toEqual([]);
  });

  test.each([
    ['search', 'Find', '.cards article'],
    ['plan', 'Plan', '.stops li'],
    ['judge', 'Judge', '.answer .badge'],
  ])('%s shows a readable answer', async (feature, verb, part) => {
    const { page, faults } = await openConsole(world, `try-it?feature=${feature}`, ADMIN_KEY);
    await page.getByRole('button', { name: verb, exact: true }).click();
    await page.locator(part).first().waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await takeScreens(page, `try-it-${feature}`);
    expect(faults).toEqual([]);
  });

  test('shows a refusal in the app’s words, of a file that is not a photo', async () => {
    const { page } = await openConsole(world, 'try-it', USER_KEY);
    await page
      .getByLabel('Photos')
      .setInputFiles({ name: '<img src=x onerror=alert(1)>.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('text') });
    await page.getByRole('button', { name: 'Assess' }).click();
    await page.getByRole('alert').getByText('invalid_request').waitFor();
  });

  test('shows that a limit has no room', async () => {
    const created = await fetch(`${world.stack.url}/api/limits`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-functions-key': ADMIN_KEY },
      body: JSON.stringify({ name: 'tiny', scope: 'user', window: 'day', maxUsd: 0.000001, type: 'block' }),
    });
    expect(created.status).toBe(201);
    const { page } = await openConsole(world, 'try-it?feature=plan', USER_KEY);
    await page.getByRole('button', { name: 'Plan', exact: true }).click();
    await page.getByRole('alert').getByText('limit_reached').waitFor();
  });
});
