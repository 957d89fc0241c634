import { readdirSync, readFileSync } from 'node:fs';
import { dirname, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const project = fileURLToPath(new URL('../../', import.meta.url));

export const textOf = (file: string): string => readFileSync(`${project}${file}`, 'utf8');

/**
 * Files below a folder of the repository, as `shared/util/clock.ts`; what is installed or built stays out.
 * @param ending absent: sources
 */
export const filesBelow = (folder: string, ending: string | RegExp = /\.tsx?$/): string[] =>
  readdirSync(`${project}${folder}`, { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.split(sep).join('/')}`)
    .filter(
      (file) =>
        (typeof ending === 'string' ? file.endsWith(ending) : ending.test(file)) &&
        !/(^|\/)(node_modules|dist)\//.test(file),
    )
    .sort();

export interface Import {
  file: string;
  target: string;
}

/** Imports of files of the repository, type-only ones included. */
export const importsOf = (file: string): Import[] =>
  [...textOf(file).matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map(([, path = '']) => ({
    file,
    target: normalize(`${dirname(file)}/${path}`)
      .split(sep)
      .join('/'),
  }));
