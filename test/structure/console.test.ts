import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { filesBelow, importsOf, project, textOf } from './sources.ts';

const files = filesBelow('functions/console');

test('the console has types of its own, with those of browsers, and is right by them', async () => {
  const run = promisify(execFile)(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '--noEmit', '--project', 'functions/console'],
    { cwd: project },
  );
  expect(await run.catch(({ stdout }: { stdout: string }) => ({ stdout }))).toMatchObject({ stdout: '' });
});

test('the console takes types alone from the app, and the app nothing from the console', () => {
  const values = files.flatMap((file) =>
    [...textOf(file).matchAll(/^import (?!type )[^;]*from '([^']+)';/gm)]
      .filter(([, path = '']) => path.includes('/shared/'))
      .map(([line]) => `${file}: ${line}`),
  );
  expect(values).toEqual([]);
  const outside = filesBelow('functions').filter((file) => !file.startsWith('functions/console/'));
  expect(outside.flatMap(importsOf).filter(({ target }) => target.startsWith('functions/console/'))).toEqual([]);
});

test('what is in the console imports one way: app, views, parts, data, format', () => {
  const order = ['app', 'views', 'parts', 'data', 'format'];
  const folderOf = (file: string) => order.indexOf(file.split('/')[2] ?? '');
  const upwards = files
    .flatMap(importsOf)
    .filter(({ file, target }) => target.startsWith('functions/console/') && folderOf(target) < folderOf(file));
  expect(upwards).toEqual([]);
  const across = files.flatMap(importsOf).filter(({ file, target }) => {
    const [, , from, name] = file.split('/');
    const [, , to, other] = target.split('/');
    return from === 'views' && to === 'views' && name !== other;
  });
  expect(across).toEqual([]);
});

test('no name that a caller chose becomes markup', () => {
  const found = files.filter((file) =>
    /dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML/.test(textOf(file)),
  );
  expect(found).toEqual([]);
});
