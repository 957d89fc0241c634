import { expect, test } from 'vitest';
import { textOf } from './sources.ts';

interface Task {
  label: string;
  script?: string;
  command?: string;
  problemMatcher: { background?: { endsPattern: string } };
}

const { tasks } = JSON.parse(textOf('.vscode/tasks.json')) as { tasks: Task[] };
const { configurations } = JSON.parse(textOf('.vscode/launch.json')) as {
  configurations: { port?: number; preLaunchTask?: string }[];
};
const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };

test('tasks run scripts that are there', () => {
  const named = tasks.map(({ script, command }) => script ?? /^npm (?:run )?([\w:-]+)/.exec(command ?? '')?.[1] ?? '');
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test('F5 starts the stack, waits until it stands and attaches to the port of its debugger', () => {
  const [attach] = configurations;
  const stack = tasks.find(({ label }) => label === attach?.preLaunchTask);
  expect(stack?.command).toContain(' --inspect');
  expect(textOf('infra/local/start.ts')).toContain(`bare: { inspect: '${attach?.port}' }`);
  expect(textOf('infra/local/curl-lines.ts')).toContain(stack?.problemMatcher.background?.endsPattern);
});

test('the formatter is among the recommended extensions', () => {
  const { recommendations } = JSON.parse(textOf('.vscode/extensions.json')) as { recommendations: string[] };
  const settings = JSON.parse(textOf('.vscode/settings.json')) as Record<string, unknown>;
  expect(recommendations).toContain(settings['editor.defaultFormatter']);
});
