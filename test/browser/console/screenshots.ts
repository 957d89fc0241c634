import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../../infra/cli/command.ts';
import { startBrowser } from '../browser.ts';
import { openConsole } from './console-page.ts';
import { ADMIN_KEY, startConsoleStack } from './console-stack.ts';

const folder = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
/** Part of the page that is shown, in px. */
const size = { width: 1200, height: 720 };

const pictures = [
  { view: 'overview', text: 'trail_planner', colorScheme: 'light' },
  { view: 'limits', text: 'was refused', colorScheme: 'dark' },
] as const;

/** `npm run screenshots`: the pictures of the README, of the console with the demo's data. */
await runCommand({ usage: 'npm run screenshots' }, async (_args, output) => {
  output.progress('Starting the stack and a day’s traffic …');
  const browser = await startBrowser();
  try {
    const stack = await startConsoleStack();
    try {
      await mkdir(folder, { recursive: true });
      for (const { view, text, colorScheme } of pictures) {
        const { page } = await openConsole({ browser, stack }, view, ADMIN_KEY);
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(size);
        await page.getByText(text).first().waitFor();
        await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
        await page.screenshot({ path: `${folder}console-${view}.png` });
        await page.close();
      }
    } finally {
      await stack.close();
    }
  } finally {
    await browser.close();
  }
  output.say(`Wrote ${folder}`);
  return { ok: true, folder };
});
