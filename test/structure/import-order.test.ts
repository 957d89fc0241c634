import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { expect, test } from 'vitest';

/** From the outside in: each may import those below it, none above. Folders of one line don't import each other. */
const order = [
  ['functions'],
  ['functions/services'],
  ['shared/audit', 'shared/gateways', 'shared/limits/admin'],
  ['shared/ingest', 'shared/limits', 'shared/trails'],
  ['shared/http', 'shared/instances', 'shared/limits/payi', 'shared/publishing', 'shared/tracking'],
  ['shared/dead-letters', 'shared/identity', 'shared/limits/gate', 'shared/model'],
  ['shared/config', 'shared/ledger', 'shared/limits/owners', 'shared/payi', 'shared/pricing', 'shared/service-bus'],
  ['shared/limits/allocation'],
  ['shared/limits/state'],
  ['shared/limits/policies'],
  ['shared/events', 'shared/tables'],
  ['shared/errors', 'shared/telemetry', 'shared/util'],
];

interface Import {
  file: string;
  target: string;
}

const place = (file: string): number => order.findIndex((folders) => folders.includes(folderOf(file)));

/** The room of a file: `functions/services`, `shared/limits/gate`, `shared/limits`, `shared/ingest`, … */
function folderOf(file: string): string {
  const [top = '', second = '', third = '', fourth] = file.split('/');
  if (top === 'functions') return second === 'services' ? 'functions/services' : top;
  if (second === 'limits' && fourth !== undefined) return `${top}/${second}/${third}`;
  return third === '' ? top : `${top}/${second}`;
}

const imports: Import[] = ['functions', 'shared'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const file = join(folder, name).split(sep).join('/');
      const found = readFileSync(file, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g);
      return [...found].map(([, path = '']) => ({
        file,
        target: normalize(join(dirname(file), path))
          .split(sep)
          .join('/'),
      }));
    }),
);

const told = ({ file, target }: Import): string => `${file} imports ${target}`;

test('imports go one way (design §3)', () => {
  const upwards = imports.filter(
    ({ file, target }) => folderOf(file) !== folderOf(target) && place(target) <= place(file),
  );
  expect(upwards.map(told)).toEqual([]);
  // Every folder has a place, and what reads the imports finds them.
  expect(imports.filter(({ file }) => place(file) < 0).map(told)).toEqual([]);
  expect(imports.length).toBeGreaterThan(500);
});

test('the program imports nothing of the laptop stack, of the tests or from beyond the project', () => {
  const astray = imports.filter(({ target }) => !/^(functions|shared)\//.test(target) && target !== 'package.json');
  expect(astray.map(told)).toEqual([]);
});
