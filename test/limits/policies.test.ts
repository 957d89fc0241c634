import { describe, expect, test } from 'vitest';
import type { PolicyRow } from '../../shared/limits/policies/changes/policy-rows.ts';
import { existsAtPayi, policySchema } from '../../shared/limits/policies/policy.ts';
import { PolicyBook } from '../../shared/limits/policies/policy-book.ts';
import { guideLimitSchema, policyOfGuide, updated } from '../../shared/limits/policies/policy-requests.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { policy } from './helpers.ts';

describe('the policy book', () => {
  const books = () => {
    const tables = new MemoryTables();
    const clock = new ManualClock();
    const settings = [policy(), policy({ name: 'other' })];
    const book = () => new PolicyBook(tables.open<PolicyRow>('limitpolicies'), settings, clock);
    return [book(), book()] as const;
  };

  test('a change is seen by another process after its reload, with who made it', async () => {
    const [here, there] = books();
    await here.change('daily', 'ops', () => policy({ maxUsd: 7 }));
    await here.change('other', 'ops', () => undefined);
    expect(there.find('daily')?.maxUsd).toBe(5);
    await there.reload();
    expect(there.current().map(({ name, maxUsd }) => [name, maxUsd])).toEqual([['daily', 7]]);
    const changes = await there.changes();
    expect(changes.map(({ name, changedBy, from, to }) => [name, changedBy, from?.maxUsd, to?.maxUsd]).sort()).toEqual([
      ['daily', 'ops', 5, 7],
      ['other', 'ops', 5, undefined],
    ]);
    expect(changes[0]?.changedAt).toBe('2026-11-23T12:00:00.000Z');
  });

  test('two changes at once: both happen, none is lost', async () => {
    const [here, there] = books();
    const raise = (book: PolicyBook) =>
      book.change('daily', 'ops', (before) => policy({ maxUsd: (before?.maxUsd ?? 0) + 1 }));
    await Promise.all([raise(here), raise(there)]);
    await here.reload();
    expect(here.find('daily')?.maxUsd).toBe(7);
  });

  test('a policy that can’t be read leaves the others as they were, and counts as not read', async () => {
    const tables = new MemoryTables();
    const table = tables.open<PolicyRow>('limitpolicies');
    await table.insert({
      partitionKey: 'policies',
      rowKey: 'policy!daily',
      policy: '{"name":"daily","of":"tomorrow"}',
    });
    const book = new PolicyBook(table, [policy()], new ManualClock());
    await expect(book.reload()).rejects.toThrow();
    expect([book.isRead, book.find('daily')?.maxUsd]).toEqual([false, 5]);
    await table.upsert({
      partitionKey: 'policies',
      rowKey: 'policy!daily',
      policy: JSON.stringify(policy({ maxUsd: 7 })),
    });
    await book.reload();
    expect([book.isRead, book.find('daily')?.maxUsd]).toEqual([true, 7]);
  });

  test('the list stays the same array until something changes', async () => {
    const [here] = books();
    const before = here.current();
    await here.reload();
    expect(here.current()).toBe(before);
  });
});

describe('what admins send', () => {
  const guide = (limit: object) =>
    policyOfGuide(guideLimitSchema.parse({ limit_name: 'Team Budget', max: 10, ...limit }));

  test.each([
    [{ max: 10, threshold: 8 }, 0.8],
    [{ max: 200, threshold: 150 }, 0.75],
    [{ max: 200, threshold: 0.9 }, 0.9],
    [{}, undefined],
  ])('the guide’s %j has the threshold %s', (limit, share) => {
    expect(guide(limit).threshold).toBe(share);
  });

  test('a threshold that is not a legal share is refused with the reason', () => {
    expect(() => guide({ max: 10, threshold: 5 })).toThrow(/0\.5 of the maximum of 10 USD.*7\.5 to 9\.9 USD/);
  });

  test('the guide’s name, type and period', () => {
    expect(guide({ limit_type: 'allow', properties: { reset_period: 'monthly' } })).toMatchObject({
      name: 'team-budget',
      type: 'allow',
      window: 'month',
      scope: 'global',
    });
    expect(() => guide({ limit_name: '???' })).toThrow(/name/);
  });

  test('a change keeps what it does not name, and null takes away', () => {
    const before = policy({ threshold: 0.8, useCases: ['trail_finder'] });
    expect(updated(before, { maxUsd: 9 })).toEqual({ ...before, maxUsd: 9 });
    expect(updated(before, { threshold: null, useCases: null })).toEqual(policy());
    const weekly = updated(before, { window: 'week', zone: 'Europe/Berlin', start: { weekday: 'sunday' } });
    expect(weekly).toEqual({ ...before, window: 'week', zone: 'Europe/Berlin', start: { weekday: 'sunday' } });
    expect(() => updated(weekly, { window: 'day' })).toThrow(/start.weekday must be left out for the window day/);
    expect(updated(weekly, { window: 'day', zone: null, start: null })).toEqual(before);
  });
});

describe('members of a policy that do not go together are named', () => {
  test.each<[Record<string, unknown>, string, RegExp]>([
    [{ zone: 'Europe/Atlantis' }, 'zone', /IANA time zone/],
    [{ zone: '+02:00' }, 'zone', /IANA time zone/],
    [{ window: 'hour', zone: 'Europe/Berlin' }, 'zone', /left out for the window hour/],
    [{ window: 'none', start: { hour: 3 } }, 'start.hour', /left out for the window none/],
    [{ start: { weekday: 'sunday' } }, 'start.weekday', /left out for the window day/],
    [{ window: 'week', start: { day: 3 } }, 'start.day', /left out for the window week/],
    [{ window: 'days', start: { date: '2026-01-05' } }, 'days', /such as 14/],
    [{ window: 'days', days: 14 }, 'start.date', /such as 2026-01-05/],
    [{ window: 'days', days: 14, start: { date: '2026-02-30' } }, 'start.date', /date/],
    [{ days: 14 }, 'days', /left out for the window day/],
    [{ window: 'minute', atPayi: true }, 'atPayi', /must be false/],
  ])('%j: %s', (facts, path, text) => {
    const { error } = policySchema.safeParse({ ...policy(), ...facts });
    expect(error?.issues.map((issue) => [issue.path.join('.'), issue.message])).toEqual([
      [path, expect.stringMatching(text)],
    ]);
  });

  test('limits of minutes and hours do not exist at Pay-i', () => {
    expect(existsAtPayi(policy({ window: 'minute' }))).toBe(false);
    expect(existsAtPayi(policy({ window: 'week' }))).toBe(true);
  });
});
