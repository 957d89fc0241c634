import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { notFound } from '../../errors/request-errors.ts';
import type { HttpAnswer } from '../../http/answer.ts';
import { START_SCRIPT } from './page.ts';

const STYLE = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** The files of the viewer that are served, and no other file of its package. */
const types: Readonly<Record<string, string>> = {
  'swagger-ui.css': STYLE,
  'swagger-ui-bundle.js': SCRIPT,
  'start.js': SCRIPT,
};

/** Read once in a process, when the page is first asked for. */
const files = new Map<string, Promise<Uint8Array>>();

/** @throws RequestError 404 for another name than those of the page's files */
export async function docsFile(name: string): Promise<HttpAnswer> {
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  if (type === undefined) throw notFound('File');
  const headers = {
    'content-type': type,
    'cache-control': 'public, max-age=3600',
  };
  return { status: 200, headers, body: name === 'start.js' ? START_SCRIPT : await read(name) };
}

function read(name: string): Promise<Uint8Array> {
  let file = files.get(name);
  if (!file) {
    file = readFile(createRequire(import.meta.url).resolve(`swagger-ui-dist/${name}`));
    files.set(name, file);
    file.catch(() => files.delete(name)); // So that the next request reads it again; this one answers 500.
  }
  return file;
}
