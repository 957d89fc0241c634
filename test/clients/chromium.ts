import { readFile } from 'node:fs/promises';
import { startBrowser } from '../browser/browser.ts';
import { type Client, ClientIsMissing } from './client.ts';
import type { UploadForm, UploadPart } from './forms.ts';

/** The command ends the browser. By itself Playwright would end the process at Ctrl-C, before the stack is closed. */
const ownSignals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };

/** Chromium, which sends an HTML form as a page of the app's own address. */
export async function openChromium(): Promise<Client> {
  const browser = await startBrowser(ownSignals).catch((error: Error) => {
    throw new ClientIsMissing(error.message);
  });
  return {
    version: browser.version(),
    upload: async (url, form) => {
      const page = await browser.newPage();
      try {
        const address = new URL('/upload', url).href;
        await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body: pageOf(url, form) }));
        await page.goto(address);
        for (const [at, part] of form.parts.entries()) {
          const file = await fileOf(part);
          if (file) await page.locator('input').nth(at).setInputFiles(file);
        }
        const [answer] = await Promise.all([
          page.waitForResponse((response) => response.request().method() === 'POST'),
          page.locator('button').click(),
        ]);
        return { status: answer.status(), body: await answer.text() };
      } finally {
        await page.close();
      }
    },
    close: () => browser.close(),
  };
}

const pageOf = (url: string, { parts }: UploadForm): string => `<!doctype html>
<meta charset="utf-8">
<form method="post" action="${url}" enctype="multipart/form-data">
${parts.map((part) => `<input name="${part.field}" ${'text' in part ? `value="${part.text}"` : 'type="file"'}>`).join('\n')}
<button>Send</button>
</form>`;

/** What is put into a file input; undefined for a text, and for an input that stays as it is. */
async function fileOf(part: UploadPart) {
  if ('text' in part || part.fileName === '') return undefined;
  return { name: part.fileName, mimeType: part.type, buffer: await readFile(part.path) };
}
