import { describe, expect, test } from 'vitest';
import { toCsv } from '../../functions/console/format/csv.ts';
import { exactMoney, money } from '../../functions/console/format/money.ts';
import { visibleName, visibleText } from '../../functions/console/format/names.ts';
import { duration, percent, signedPercent } from '../../functions/console/format/numbers.ts';
import { seriesOf, stack, timesBetween } from '../../functions/console/format/series.ts';
import { sortRows } from '../../functions/console/format/sort.ts';
import { distance, localTime, utcTime } from '../../functions/console/format/times.ts';

const LOCALE = 'en-US';

test.each([
  [0, '$0.00'],
  [0.000_123_4, '$0.000123'],
  [0.0131, '$0.0131'],
  [0.75, '$0.75'],
  [0.754, '$0.7540'],
  [1.5, '$1.50'],
  [-1.5, '-$1.50'],
  [12_345.678, '$12,345.68'],
])('%d USD is %s', (usd, text) => {
  expect(money(usd, undefined, LOCALE)).toBe(text);
});

test('the exact amount has nano-USD', () => {
  expect(exactMoney(0.000_000_001, LOCALE)).toBe('$0.000000001');
});

test.each([
  [12, '12 ms'],
  [999.6, '1,000 ms'],
  [1_500, '1.5 sec'],
  [90_000, '1.5 min'],
  [43_200_000, '12 hr'],
])('%d ms is %s', (ms, text) => {
  expect(duration(ms, LOCALE)).toBe(text);
});

test('small shares have a digit behind the point', () => {
  expect([0, 0.004, 0.5, 1].map((share) => percent(share, LOCALE))).toEqual(['0%', '0.4%', '50%', '100%']);
  expect([0, 0.1234, -0.5, 24].map((share) => signedPercent(share, LOCALE))).toEqual(['0%', '+12.3%', '-50%', '× 25']);
});

test('a time is shown in the viewer’s zone, and in UTC', () => {
  const ms = Date.parse('2026-11-28T23:30:05Z');
  expect(localTime(ms, { locale: LOCALE, timeZone: 'Asia/Tokyo' }).replaceAll('\u202f', ' ')).toBe(
    'Nov 29, 2026, 8:30 AM',
  );
  expect(utcTime(ms)).toBe('2026-11-28 23:30:05 UTC');
  expect(distance(ms, ms + 200_000, LOCALE)).toBe('3 minutes ago');
  expect(distance(ms + 7_200_000, ms, LOCALE)).toBe('in 2 hours');
});

describe('names that callers choose', () => {
  test.each([
    ['a plain name', 'trail_finder', 'trail_finder'],
    ['emoji with joiners', '👩‍🚒🏔️', '👩‍🚒🏔️'],
    ['a mark of direction', 'a\u202etxt.exe', 'a⟨U+202E⟩txt.exe'],
    ['a space without a width', 'ad\u200bmin', 'ad⟨U+200B⟩min'],
    ['controls', 'a\u0000\n\tb', 'a⟨U+0000⟩⟨U+000A⟩⟨U+0009⟩b'],
    ['markup', '<img src=x>', '<img src=x>'],
  ])('%s', (_what, name, shown) => {
    expect(visibleName(name)).toBe(shown);
  });
});

test('a text of several lines keeps its lines', () => {
  expect(visibleText('a\n\u202eb')).toBe('a\n⟨U+202E⟩b');
});

test('a spreadsheet runs nothing of a CSV', () => {
  const rows = ['=1+1', '+A1', '-A1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '-12.5', 'a "quoted", one', null].map(
    (name) => ({ name }),
  );
  const columns = [
    { title: 'name', value: ({ name }: { name: string | null }) => name },
    { title: 'usd', value: () => 0.000_000_012 },
  ];
  expect(toCsv(columns, rows).split('\r\n')).toEqual([
    'name,usd',
    "'=1+1,0.000000012",
    "'+A1,0.000000012",
    "'-A1,0.000000012",
    "'@SUM(A1),0.000000012",
    "'\t=1,0.000000012",
    '"\'\r=1",0.000000012',
    "' =1,0.000000012",
    '-12.5,0.000000012',
    '"a ""quoted"", one",0.000000012',
    ',0.000000012',
    '',
  ]);
});

test('rows stand in order by a column, those without a value last', () => {
  const columns = [{ title: 'n', value: ({ n }: { n: number | null }) => n }];
  const rows = [{ n: 2 }, { n: null }, { n: 10 }, { n: 1 }];
  const inOrder = (down: boolean) => sortRows(columns, rows, { title: 'n', down }).map(({ n }) => n);
  expect(inOrder(false)).toEqual([1, 2, 10, null]);
  expect(inOrder(true)).toEqual([10, 2, 1, null]);
  expect(sortRows(columns, rows, { title: 'unknown', down: true })).toEqual(rows);
});

describe('series over time', () => {
  const at = (hour: number) => `2026-11-28T0${hour}:00:00.000Z`;
  const times = timesBetween(Date.parse(at(0)), Date.parse(at(3)), 3_600_000);

  test('the largest come first, and the rest is added up', () => {
    const points = [
      { start: at(0), name: 'small', value: 1 },
      { start: at(1), name: 'large', value: 5 },
      { start: at(2), name: 'large', value: 5 },
      { start: at(1), name: 'middle', value: 3 },
      { start: at(2), name: 'tiny', value: 0.5 },
      { start: at(9), name: 'outside', value: 99 },
    ];
    expect(seriesOf(points, times, 2)).toEqual({
      times,
      rows: [
        { name: 'large', values: [0, 5, 5] },
        { name: 'middle', values: [0, 3, 0] },
        { name: null, values: [1, 0, 0.5] },
      ],
    });
  });

  test('each row stands on those before it', () => {
    expect(stack([[1, 2], [3, 0], [0, 4]])).toEqual([[1, 2], [4, 2], [4, 6]]); // biome-ignore format: a table
  });
});
