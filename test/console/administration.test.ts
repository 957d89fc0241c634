import { expect, test } from 'vitest';
import { changeOf, keyOf } from '../../functions/console/views/administration/keys/key-form.ts';
import { setupRows } from '../../functions/console/views/administration/setup-rows.ts';

const formOf = (values: Record<string, string>): FormData => {
  const form = new FormData();
  for (const [name, value] of Object.entries(values)) form.set(name, value);
  return form;
};

test('empty inputs of a key are restrictions that are absent', () => {
  expect(keyOf(formOf({ name: ' robot ', role: 'admin', account: '', models: '' }))).toEqual({
    name: 'robot',
    role: 'admin',
    namesUsers: false,
  });
});

test('lists of a key have one entry in each line', () => {
  const form = formOf({
    name: 'robot',
    role: 'user',
    namesUsers: 'on',
    routes: 'POST /api/analyze\n\nGET /api/limits\n',
    useCases: 'a, b',
    expiresAt: '2026-12-01T10:00',
  });
  expect(keyOf(form)).toEqual({
    name: 'robot',
    role: 'user',
    namesUsers: true,
    routes: ['POST /api/analyze', 'GET /api/limits'],
    useCases: ['a', 'b'],
    expiresAt: new Date('2026-12-01T10:00').toISOString(),
  });
});

test('a change takes restrictions away by null', () => {
  expect(changeOf(formOf({ role: 'user', account: 'team' }))).toEqual({
    role: 'user',
    namesUsers: false,
    account: 'team',
    useCases: null,
    models: null,
    routes: null,
    expiresAt: null,
  });
});

test('a set-up is one list, with what changes or why it failed', () => {
  const rows = setupRows({
    useCaseDefinitions: [{ use_case_name: 'finder', result: 'exists' }],
    kpis: [
      {
        useCaseName: 'finder',
        kpi_name: 'count',
        result: 'updated',
        changes: [{ member: 'goal', from: null, to: 5 }],
      },
    ],
    limits: [{ limit_id: 'daily', result: 'failed', reason: 'Pay-i is down' }],
  });
  expect(rows.map(({ kind, name, result, what }) => [kind, name, result, what])).toEqual([
    ['use case', 'finder', 'exists', ''],
    ['KPI', 'finder / count', 'updated', 'goal: – → 5'],
    ['limit', 'daily', 'failed', 'Pay-i is down'],
  ]);
});
