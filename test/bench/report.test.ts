import { expect, test } from 'vitest';
import { sectionOf, withSection } from './report.ts';

const machine = { cpu: 'Xeon', cores: 2, memoryGib: 8, node: 'v24.1.0' };

test('a section has the figures of each row and the result of each goal', () => {
  const result = {
    on: ['our broker'],
    rows: [
      { name: 'a', cpuUs: 1 },
      { name: 'b|c', p99Ms: 2 },
    ],
    goals: [{ name: 'g', goal: '< 2 µs', got: '2 µs', met: false, undecided: true as const }],
  };
  expect(sectionOf('door', result, machine, '2026-11-28')).toBe(`## door

2026-11-28, Node v24.1.0, 2 × Xeon, 8 GiB. Repeat it with \`npm run bench -- door\`.

- our broker

|  | cpuUs | p99Ms |
|---|---|---|
| a | 1 |  |
| b\\|c |  | 2 |

| goal | wanted | found | result |
|---|---|---|---|
| g | < 2 µs | 2 µs | undecided |`);
});

test('a run replaces the section of its part and keeps the others', () => {
  const first = withSection(withSection('', 'users', '## users\n\nold'), 'cold', '## cold\n\nkept');
  const second = withSection(first, 'users', '## users\n\nnew');
  expect(second.startsWith('# Benchmarks\n')).toBe(true);
  expect(second.split(/^(?=## )/m).slice(1)).toEqual(['## cold\n\nkept\n\n', '## users\n\nnew\n']);
  expect(withSection(second, 'users', '## users\n\nnew')).toBe(second);
});
