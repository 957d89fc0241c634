import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

/** zod brings its messages in some fifty languages (270 kB minified), which nothing removes from a bundle. Ours are English. */
export const oneLanguage: Plugin = {
  name: 'one-language',
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, ({ path }) => ({
      contents: "export { default as en } from './en.js';",
      resolveDir: dirname(path),
    }));
  },
};
