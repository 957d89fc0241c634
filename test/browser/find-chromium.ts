import { existsSync } from 'node:fs';

/** Where Chromium and Chrome are installed on Linux, macOS and Windows. */
const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

type Environment = Readonly<Record<string, string | undefined>>;

/** The path of Chromium or Chrome: that of CHROMIUM, or one that is found; undefined without any. */
export function findChromium(
  env: Environment = process.env,
  exists: (path: string) => boolean = existsSync,
): string | undefined {
  return (env['CHROMIUM'] ? [env['CHROMIUM']] : usual).find((path) => exists(path));
}

export const NO_CHROMIUM =
  'There is no Chromium or Chrome. Install one (Debian: apt-get install chromium), or set CHROMIUM to its path.';

/** Whether tests that need Chromium are skipped where there is none: for developers, never in CI. */
export const maySkip = (env: Environment = process.env): boolean => !env['CI'] || env['CI'] === 'false';
