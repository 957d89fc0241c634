import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startStack } from '../../infra/local/stack.ts';
import { openPage, type WatchedPage } from './browser.ts';
import { buildExample, serveExample } from './example.ts';
import { withBrowser } from './with-browser.ts';

const photo = fileURLToPath(new URL('../fixtures/trail.jpg', import.meta.url));

let example: Awaited<ReturnType<typeof serveExample>>;
const world = withBrowser(async () => {
  example = await serveExample();
  return startStack({
    settings: { CORS_ORIGINS: example.allowed, JUDGE_PROVIDER: 'anthropic', JUDGE_SAMPLE_RATE: '0' },
  });
});
beforeAll(() => buildExample(world.stack.url));
afterAll(() => example?.close());

/** Opens the page, which then remembers each stage that an answer shows. */
const open = (origin: string): Promise<WatchedPage> =>
  openPage(world.browser, origin, [new URL(origin).host, new URL(world.stack.url).host]);

const KEEP_STAGES = `window.stages = [];
new MutationObserver(() => {
  for (const { textContent } of document.querySelectorAll('.stage'))
    if (textContent && window.stages.at(-1) !== textContent) window.stages.push(textContent);
}).observe(document.body, { childList: true, subtree: true, characterData: true });`;

async function send(page: Page, feature: string): Promise<string[]> {
  await page.evaluate(KEEP_STAGES);
  await page.locator(`#${feature} button`).click();
  await page.locator(`[data-for=${feature}] .stage`, { hasText: /^(done|failed)$/ }).waitFor();
  return page.evaluate('window.stages');
}

describe('a page of an allowed origin', () => {
  test('uploads a photo, shows how far the answer is, its cost and the limits, and takes a thumbs up', async () => {
    const { page, faults } = await open(example.allowed);
    await page.locator('#limits li').first().waitFor();
    await page.locator('input[name=images]').setInputFiles(photo);
    const stages = await send(page, 'analyze');
    expect(stages).toEqual(expect.arrayContaining(['sent', 'reading', 'done']));
    const answer = page.locator('[data-for=analyze]');
    const shown = JSON.parse(await answer.locator('pre').innerText());
    expect(shown.analysis.difficulty).toBeDefined();
    expect(await answer.locator('.cost').innerText()).toMatch(/^Cost: about 0\.\d{4} USD/);
    await answer.getByRole('button', { name: 'thumbs up' }).click();
    await answer.getByText('Thank you.').waitFor();
    const id = shown.metrics.use_case_id;
    await expect.poll(() => scoresOf(id)).toContainEqual(['user_satisfaction', 1]);
    expect(faults).toEqual([]);
  });

  test.each([
    ['search', 'trail_finder'],
    ['plan', 'trail_planner'],
    ['judge', 'judge_validation'],
  ])('shows the stages and the answer of %s, and takes a thumbs down', async (feature, useCase) => {
    const { page, faults } = await open(example.allowed);
    expect((await send(page, feature)).at(-1)).toBe('done');
    const answer = page.locator(`[data-for=${feature}]`);
    const { metrics } = JSON.parse(await answer.locator('pre').innerText());
    await answer.getByRole('button', { name: 'thumbs down' }).click();
    await answer.getByText('Thank you.').waitFor();
    await expect.poll(() => scoresOf(metrics.use_case_id, useCase)).toContainEqual(['user_satisfaction', 0]);
    expect(faults).toEqual([]);
  });

  test('shows an error of the model, and when to try again', async () => {
    const { page } = await open(example.allowed);
    // The SDK repeats a call that is refused for now.
    world.stack.model?.script(...Array.from({ length: 10 }, () => ({ error: { status: 529 } })));
    expect((await send(page, 'plan')).at(-1)).toBe('failed');
    const failure = await page.locator('[data-for=plan] .failure').innerText();
    expect(failure).toMatch(/\(model_overloaded\) Try again in \d+ s\.$/);
    world.stack.model?.reset();
  });

  test('shows a refusal before the stream, of a file that is not a photo', async () => {
    const { page } = await open(example.allowed);
    await page
      .locator('input[name=images]')
      .setInputFiles({ name: 'a.jpg', mimeType: 'text/plain', buffer: Buffer.from('text') });
    expect((await send(page, 'analyze')).at(-1)).toBe('failed');
    expect(await page.locator('[data-for=analyze] .failure').innerText()).toContain('(invalid_request)');
  });

  test('shows that a limit has no room, and what is left', async () => {
    const policy = { name: 'tiny', scope: 'user', window: 'day', maxUsd: 0.000001, type: 'block' };
    const created = await fetch(`${world.stack.url}/api/limits`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(policy),
    });
    expect(created.status).toBe(201);
    const { page } = await open(example.allowed);
    expect((await send(page, 'search')).at(-1)).toBe('failed');
    expect(await page.locator('[data-for=search] .failure').innerText()).toMatch(
      /\(limit_reached\) Left: 0\.?\d* USD\./,
    );
  });
});

test('a page of another origin reads nothing and pays nothing', async () => {
  const { page } = await open(example.other);
  const before = world.stack.model?.calls().length;
  await page.locator('#limits li', { hasText: 'could not be reached' }).waitFor();
  await page.locator('input[name=images]').setInputFiles(photo);
  for (const feature of ['analyze', 'search', 'plan', 'judge']) {
    expect((await send(page, feature)).at(-1)).toBe('failed');
    expect(await page.locator(`[data-for=${feature}] .failure`).innerText()).toContain('(unreachable)');
  }
  expect(world.stack.model?.calls().length).toBe(before);
});

/** Scores of an instance at Pay-i. */
function scoresOf(id: string, useCase = 'trail_analysis'): [string, unknown][] {
  return [...(world.stack.payi?.inspect.scores() ?? [])]
    .filter((score) => score.useCaseId === id && score.useCaseName === useCase)
    .map(({ kpiName, score }) => [kpiName, score]);
}
