import { readdirSync, readFileSync } from 'node:fs';
import { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { expect, test } from 'vitest';
import { actionlint, runsOf } from '../../infra/check/workflows.ts';

const FOLDER = '.github/workflows';

/** What GitHub's own parser says about a workflow: members, types, expressions and the contexts they may read. */
const problemsOf = (name: string, content: string): string[] =>
  parseWorkflow({ name, content }, new NoOperationTraceWriter())
    .context.errors.getErrors()
    .map(({ message }) => message);

const workflows = readdirSync(FOLDER).map((name) => [name, readFileSync(`${FOLDER}/${name}`, 'utf8')] as const);

test('the parser sees what is wrong', () => {
  const [, text = ''] = workflows.find(([name]) => name === 'ci.yml') ?? [];
  expect(problemsOf('bad.yml', text.replace('runs-on:', 'runs-onn:').replace('github.ref', 'gitlab.ref'))).toEqual([
    "bad.yml (Line: 12, Col: 10): Unrecognized named-value: 'gitlab'",
    "bad.yml (Line: 20, Col: 5): Unexpected value 'runs-onn'",
    'bad.yml (Line: 20, Col: 5): Required property is missing: runs-on',
  ]);
});

test.each(workflows)('%s is right', (name, text) => {
  expect(problemsOf(name, text)).toEqual([]);
});

test.each(workflows)('%s gives its token no more than it needs, and ends', (_name, text) => {
  expect(text).toMatch(/^permissions:\n {2}contents: read\n/m);
  expect(text).not.toMatch(/write-all|pull_request_target/);
  const jobs = text.match(/^ {4}runs-on:/gm)?.length ?? 0;
  expect(text.match(/^ {4}timeout-minutes:/gm)).toHaveLength(jobs);
});

test.each(workflows)('%s calls commands that are there', (_name, text) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const called = [...text.matchAll(/npm (?:run )?([\w:-]+)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !['ci', 'sbom'].includes(name));
  expect(called.filter((name) => name !== 'npm' && !(name in scripts))).toEqual([]);
});

test('the scripts of steps are read for shellcheck, with a word for each expression', () => {
  const text = `jobs:\n  a:\n    steps:\n      - run: echo \${{ inputs.a }}\n      - uses: x\n      - run: |\n          ls\n          cd x\n`;
  expect(runsOf(text)).toEqual(['#!/bin/bash -e\necho word', '#!/bin/bash -e\nls\ncd x\n']);
  expect(workflows.flatMap(([, workflow]) => runsOf(workflow)).length).toBeGreaterThan(10);
});

test('actionlint sees what is wrong, and nothing in ours', async () => {
  const text = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    needs: b\n    steps:\n      - run: ls\n';
  expect(await actionlint(`${FOLDER}/bad.yml`, text)).toEqual([
    expect.stringContaining('needs job "b" which does not exist'),
  ]);
  for (const [name, workflow] of workflows) expect(await actionlint(`${FOLDER}/${name}`, workflow)).toEqual([]);
});
