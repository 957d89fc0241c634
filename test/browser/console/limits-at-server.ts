import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Stack } from '../../../infra/local/stack.ts';
import { ADMIN_KEY } from './console-stack.ts';

type Member = Record<string, unknown>;

/** The row of a policy in the view of limits. */
export const policyRow = (page: Page, name: string): Locator =>
  page.getByRole('region', { name: 'Policies' }).first().locator('tbody tr', { hasText: name });

async function dataAt<T>(stack: Stack, path: string): Promise<T> {
  const answer = await fetch(`${stack.url}${path}`, { headers: { 'x-functions-key': ADMIN_KEY } });
  return ((await answer.json()) as { data: T }).data;
}

export const policyAtServer = async (stack: Stack, name: string): Promise<Member | undefined> =>
  (await dataAt<{ policies: Member[] }>(stack, '/api/limit-policies')).policies.find((each) => each['name'] === name);

export const limitsAtServer = async (stack: Stack): Promise<Member[]> =>
  (await dataAt<{ limits: Member[] }>(stack, '/api/limits')).limits;

export const overridesAtServer = async (stack: Stack, policy: string): Promise<Member[]> =>
  (await dataAt<{ overrides: Member[] }>(stack, `/api/limits/${policy}/overrides`)).overrides;

export async function createPolicy(stack: Stack, policy: object): Promise<void> {
  const answer = await fetch(`${stack.url}/api/limits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-functions-key': ADMIN_KEY },
    body: JSON.stringify(policy),
  });
  expect(answer.status).toBe(201);
}
