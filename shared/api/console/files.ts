import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { notFound } from '../../errors/request-errors.ts';
import type { HttpAnswer } from '../../http/answer.ts';

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};
/** As the build names scripts and styles: no other file of the folder, and none outside, is served. */
const fileName = /^[a-z-]+-[A-Z0-9]{8}\.(js|css)$/;

/**
 * Scripts, styles and requests of this app alone. `blob:` images are photos that the user has just chosen. No other site can frame the
 * page, and no script can make markup from a text.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** As the build writes it. */
const ROOT = '<div id="console"';
const PAGE = 'index.html';
/** The same page, where App Service Authentication is on. */
const PAGE_WITH_SIGN_IN = 'index.html#sign-in';

/** A file of the console, as bytes and packed. */
interface Packed {
  plain: Uint8Array;
  gzip: Uint8Array;
}

/** The console as the build wrote it into `folder`. Each file is read once in a process, when it is first asked for. */
export class ConsoleFiles {
  readonly #folder: URL;
  readonly #files = new Map<string, Promise<Packed>>();

  constructor(folder: URL) {
    this.#folder = folder;
  }

  /**
   * @param hasPlatformSignIn whether App Service Authentication is on, so that the page offers it
   * @throws RequestError 404 where the console is not built
   */
  page(accepted: string | null, hasPlatformSignIn: boolean): Promise<HttpAnswer> {
    return this.#answer(hasPlatformSignIn ? PAGE_WITH_SIGN_IN : PAGE, accepted, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-cache',
    });
  }

  /**
   * A script or style. Its name changes with its content.
   * @param accepted `accept-encoding` of the request
   * @throws RequestError 404 for another name than those of the build
   */
  async file(name: string, accepted: string | null): Promise<HttpAnswer> {
    const type = types[fileName.exec(name)?.[1] ?? ''];
    if (type === undefined) throw notFound('File');
    return this.#answer(name, accepted, {
      'content-type': type,
      'cache-control': 'public, max-age=31536000, immutable',
    });
  }

  async #answer(name: string, accepted: string | null, headers: Record<string, string>): Promise<HttpAnswer> {
    const packed = await this.#read(name);
    const isPacked = /\bgzip\b(?!;\s*q=0(\.0*)?(,|$))/.test(accepted ?? '');
    return {
      status: 200,
      headers: { ...headers, vary: 'accept-encoding', ...(isPacked && { 'content-encoding': 'gzip' }) },
      body: isPacked ? packed.gzip : packed.plain,
    };
  }

  #read(name: string): Promise<Packed> {
    let file = this.#files.get(name);
    if (!file) {
      file = pack(new URL(name, this.#folder), name === PAGE_WITH_SIGN_IN);
      this.#files.set(name, file);
      file.catch(() => this.#files.delete(name)); // So that the next request reads it again.
    }
    return file;
  }
}

async function pack(file: URL, hasPlatformSignIn: boolean): Promise<Packed> {
  try {
    const read = await readFile(file);
    const plain = hasPlatformSignIn
      ? Buffer.from(String(read).replace(ROOT, `${ROOT} data-sign-in="app-service"`))
      : read;
    return { plain, gzip: await promisify(gzip)(plain) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw notFound('File');
    throw error;
  }
}
