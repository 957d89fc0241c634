import { expect, test } from 'vitest';
import { contextWindow } from '../../shared/model/request/context-window.ts';
import { findPrices, pricedModel, pricedModels } from '../../shared/pricing/price-book.ts';
import { createModelFinder } from '../../shared/pricing/priced-model.ts';

const atMs = Date.UTC(2026, 10, 23);

test.each([
  ['claude-sonnet-5-5', 'claude-sonnet-5-5'],
  ['claude-sonnet-5-5-20260901', 'claude-sonnet-5-5'],
  ['claude-sonnet-5-5@20260901', 'claude-sonnet-5-5'],
  ['claude-sonnet-5-5-latest', 'claude-sonnet-5-5'],
  ['Claude-Sonnet-5-5', 'claude-sonnet-5-5'],
  ['anthropic.claude-sonnet-5-5', 'claude-sonnet-5-5'],
  ['anthropic.claude-sonnet-5-5-20260928-v1:0', 'claude-sonnet-5-5'],
  ['us.anthropic.claude-sonnet-5-5-20260928-v1:0', 'claude-sonnet-5-5'],
  ['us-gov.anthropic.claude-sonnet-5-5-v1', 'claude-sonnet-5-5'],
  ['global.anthropic.claude-haiku-4-5-20251001-v1:0', 'claude-haiku-4-5-20251001'],
  ['anthropic/claude-opus-5-5', 'claude-opus-5-5'],
  ['publishers/anthropic/models/claude-opus-5-5@20260922', 'claude-opus-5-5'],
  ['claude-haiku-4-5-20251001', 'claude-haiku-4-5-20251001'],
  ['claude-3-5-sonnet', 'claude-3-5-sonnet-20241022'],
  ['claude-3-5-sonnet-latest', 'claude-3-5-sonnet-20241022'],
  ['openai/gpt-4o-2024-08-06', 'gpt-4o-2024-08-06'],
  ['gpt-4o-2030-01-01', 'gpt-4o'],
  ['google.gemini-2.0-flash', 'gemini-2.0-flash'],
  ['models/gemini-2.0-flash-001', 'gemini-2.0-flash-001'],
])('%s is %s', (id, name) => {
  expect(pricedModel(id)).toBe(name);
  expect(findPrices(id, atMs)).toBe(findPrices(name, atMs));
});

test.each([
  'claude-sonnet-6',
  'claude-sonnet-5-5-turbo',
  'claude',
  'sonnet-5-5',
  '',
  '-20260901',
  'gpt-4o-turbo',
  'constructor',
])('%s is unknown', (id) => {
  expect(pricedModel(id)).toBeUndefined();
  expect(findPrices(id, atMs)).toBeUndefined();
});

test('the short name of dated models is that of the latest, unless a model has it', () => {
  for (const names of [
    ['m-20250101', 'm-20240101'],
    ['m-20240101', 'm-20250101'],
  ])
    expect(createModelFinder(names)('m')).toBe('m-20250101');
  for (const names of [
    ['m', 'm-20250101'],
    ['m-20250101', 'm'],
  ])
    expect(createModelFinder(names)('m')).toBe('m');
});

test('every name in the book is its own', () => {
  expect(pricedModels().map(pricedModel)).toEqual(pricedModels());
});

test('the context window follows the model, not how its id is written', () => {
  expect(contextWindow('us.anthropic.claude-haiku-4-5-20251001-v1:0')).toBe(200_000);
  expect(contextWindow('us.anthropic.claude-haiku-5-5-v1:0')).toBe(1_000_000);
});
