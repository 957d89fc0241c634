import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Output } from '../../infra/cli/command.ts';
import { reportOutcomes } from '../../shared/outcomes/report-outcomes.ts';
import type { Dimension } from '../../shared/usage/usage-group.ts';
import { exportedTraffic } from '../export/exported.ts';
import { columnOf, summedColumns } from '../export/read-files.ts';
import { guideTraffic, TRAFFIC_HOURS, trafficBegin } from '../outcomes/guide-traffic.ts';
import { random } from '../usage/random-traffic.ts';
import type { ClientResult } from './run.ts';

export const DUCKDB = 'duckdb';
const SEED = 7;
const page = new URL('../../docs/analytics.md', import.meta.url);

type Row = Record<string, unknown>;
type Ask = (sql: string) => Promise<Row[]>;

/** The part of `@duckdb/node-api` that is used. */
interface DuckDb {
  DuckDBInstance: {
    create(path: string): Promise<{
      connect(): Promise<{
        runAndReadAll(sql: string): Promise<{ getRowObjectsJson(): Row[] }>;
        closeSync(): void;
      }>;
    }>;
  };
}

/**
 * DuckDB reads exported files of 20,000 events: its sums by each group are those of `GET /api/usage`, and the queries of
 * docs/analytics.md have the answers of the app.
 */
export async function runDuckDb(output: Output): Promise<ClientResult> {
  output.progress(`${DUCKDB} …`);
  const require = createRequire(import.meta.url);
  const { DuckDBInstance } = require('./node_modules/@duckdb/node-api') as DuckDb;
  const { version } = require('./node_modules/@duckdb/node-api/package.json') as { version: string };
  const next = random(SEED);
  const exported = await exportedTraffic(guideTraffic(next).delivered, {
    next,
    begin: trafficBegin,
    hours: TRAFFIC_HOURS,
  });
  const folder = await mkdtemp(join(tmpdir(), 'trailmeter-export-'));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  try {
    for (const [name, bytes] of exported.store.files) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), bytes);
    }
    const ask: Ask = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
    const answers = new Map<string, Row[]>();
    for (const { question, sql } of await queries())
      answers.set(question, await ask(sql.replaceAll('usage-export/', `${folder}/`)));
    const faults = [
      ...(exported.kills > 10 ? [] : [`only ${exported.kills} runs were killed`]),
      ...(await differences(ask, exported)),
      ...(await wrongAnswers(answers, exported)),
    ];
    return { name: DUCKDB, version, cases: Object.keys(columnOf).length + answers.size, failed: faults.length, faults };
  } finally {
    connection.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

type Exported = Awaited<ReturnType<typeof exportedTraffic>>;

/** The blocks of the page, each with the last line of text before it. */
async function queries(): Promise<{ question: string; sql: string }[]> {
  const text = await readFile(page, 'utf8');
  return [...text.matchAll(/([^\n]*)\n+```sql\n([\s\S]*?)```/g)].flatMap(([, question = '', block = '']) =>
    block
      .split(/;\n/)
      .filter((sql) => sql.trim() !== '')
      .map((sql, n) => ({ question: n === 0 ? question : `${question} (${n + 1})`, sql })),
  );
}

/** Money as integers: decimals with nine digits. */
async function differences(ask: Ask, { answers }: Exported): Promise<string[]> {
  const found: string[] = [];
  const sums = summedColumns.map((name) =>
    /Cost$/.test(name)
      ? `CAST(coalesce(sum(${name}), 0) * 1000000000 AS HUGEINT) AS ${name}`
      : `sum(${name}) AS ${name}`,
  );
  for (const [dimension, column] of Object.entries(columnOf)) {
    const rows = await ask(
      `SELECT CAST(${column} AS VARCHAR) AS value, ${sums} FROM usage GROUP BY ALL HAVING sum(x_Requests) > 0`,
    );
    const read = rows.map(({ value, ...figures }): [string, Record<string, bigint>] => [
      String(value ?? ''),
      Object.fromEntries(summedColumns.map((name) => [name, BigInt(String(figures[name]))])),
    ]);
    const asked = await answers(dimension as Dimension);
    if (!isDeepStrictEqual(Object.fromEntries(read), asked))
      found.push(`by ${dimension}: ${text(read)}, not ${text(asked)}`);
  }
  return found;
}

/** Against the answers of the app, which its own tests compare with the raw events. */
async function wrongAnswers(answers: ReadonlyMap<string, Row[]>, exported: Exported): Promise<string[]> {
  const { usage, from, before } = exported;
  const everything = { from, before, useCase: undefined, version: undefined, user: undefined, account: undefined };
  const { rows } = await reportOutcomes(usage, everything);
  const kpi = (row: (typeof rows)[number], name: string) => row.kpis.find((one) => one.name === name);
  const of = (useCase: string) => rows.filter((row) => row.useCase === useCase);
  const expected: Record<string, (string | number | undefined | null)[][]> = {
    'How much are we spending on AI, and where?': Object.entries(await exported.answers('useCase'))
      .map(([useCase, { BilledCost = 0n, x_Requests = 0n }]) => [useCase, Number(BilledCost) / 1e9, Number(x_Requests)])
      .sort(([, a = 0], [, b = 0]) => Number(b) - Number(a)),
    'What is the average cost per successful analysis?': of('trail_analysis').map((row) => [
      row.version,
      kpi(row, 'analysis_success')?.yes?.usdPerInstance,
    ]),
    'Do higher difficulty trails require more tokens?': of('trail_analysis').flatMap((row) =>
      (kpi(row, 'difficulty_rating')?.byScore ?? []).map((group) => [
        row.version,
        group.from,
        group.tokensPerInstance.value,
        group.instances,
      ]),
    ),
    'What does a satisfied user cost?': of('trail_finder').map((row) => [
      row.version,
      kpi(row, 'user_satisfaction')?.yes?.usdPerUser,
    ]),
    'How do versions compare?': rows.map((row) => [row.useCase, row.version, row.instances, row.usdPerInstance?.value]),
  };
  const found: string[] = [];
  for (const [question, wanted] of Object.entries(expected)) {
    const got = answers.get(question)?.map((row) => Object.values(row).slice(0, wanted[0]?.length));
    if (!got || !isNear(got, wanted)) found.push(`${question} ${text(got)}, not ${text(wanted)}`);
  }
  for (const [question, { length }] of answers)
    if (length === 0 && question.endsWith('?')) found.push(`${question} no row`);
  return found;
}

/** DuckDB divides as floating point: equal to 12 digits. */
const isNear = (got: unknown[][], wanted: unknown[][]): boolean =>
  got.length === wanted.length &&
  wanted.every((row, at) =>
    row.every((value, place) => {
      const other = got[at]?.[place];
      if (typeof value !== 'number') return String(value) === String(other);
      return Math.abs(value - Number(other)) <= Math.abs(value) * 1e-12;
    }),
  );

const text = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? one.toString() : one))?.slice(0, 600) ??
  'nothing';
