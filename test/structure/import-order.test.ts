import { expect, test } from 'vitest';
import { filesBelow, type Import, importsOf, textOf } from './sources.ts';

/** Rooms from the outside in, as shared/README.md has them: each may import those below it, none above and none beside it. */
const order: string[][] = [
  ['functions'],
  ['functions/services'],
  ...[...textOf('shared/README.md').matchAll(/^\| \d+ \| (.*) \|$/gm)].map(([, rooms = '']) =>
    [...rooms.matchAll(/`([\w/-]+)`/g)].map(([, room]) => `shared/${room}`),
  ),
];

/** The room of a file: `functions/services`, `shared/limits/gate`, `shared/limits`, `shared/ingest`, … */
function roomOf(file: string): string {
  const [top = '', second = '', third = '', fourth] = file.split('/');
  if (top === 'functions') return second === 'services' ? 'functions/services' : top;
  return second === 'limits' && fourth !== undefined ? `${top}/${second}/${third}` : `${top}/${second}`;
}

const place = (file: string): number => order.findIndex((rooms) => rooms.includes(roomOf(file)));
const files = [...filesBelow('functions'), ...filesBelow('shared')];
const imports = files.flatMap(importsOf);
const described = ({ file, target }: Import): string => `${file} imports ${target}`;

test('imports go one way, in the order of shared/README.md', () => {
  const upwards = imports.filter(({ file, target }) => roomOf(file) !== roomOf(target) && place(target) <= place(file));
  expect(upwards.map(described)).toEqual([]);
  expect(files.filter((file) => place(file) < 0)).toEqual([]);
  expect(imports.length).toBeGreaterThan(500);
});

test('every room of the order is there', () => {
  const rooms = new Set(files.map(roomOf));
  expect(order.flat().filter((room) => !rooms.has(room))).toEqual([]);
});

test('no file imports itself through others, by types or values', () => {
  const targets = new Map(files.map((file) => [file, importsOf(file).map(({ target }) => target)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
    if (done.has(file) || way.includes(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...way, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test('the program imports nothing of the laptop stack, of the tests or from beyond the project', () => {
  const astray = imports.filter(({ target }) => !/^(functions|shared)\//.test(target) && target !== 'package.json');
  expect(astray.map(described)).toEqual([]);
});
