import { type Browser, chromium, type LaunchOptions, type Page } from 'playwright-core';
import { findChromium, NO_CHROMIUM } from './find-chromium.ts';

/** @throws Error that says how to get it when there is no Chromium */
export async function startBrowser(options: LaunchOptions = {}): Promise<Browser> {
  const executable = findChromium();
  if (!executable) throw new Error(NO_CHROMIUM);
  // In containers there is no user namespace for the sandbox and little shared memory; the pages are our own.
  return chromium.launch({ executablePath: executable, args: ['--no-sandbox', '--disable-dev-shm-usage'], ...options });
}

/** A page, and what went wrong on it: errors of scripts, what its policy blocked, and hosts that it asked besides `hosts`. */
export interface WatchedPage {
  page: Page;
  faults: string[];
}

export async function openPage(browser: Browser, url: string, hosts: string[]): Promise<WatchedPage> {
  const page = await browser.newPage();
  // As wide as those of the tests.
  page.setDefaultTimeout(60_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (line) => {
    if (line.type() === 'error') faults.push(`console: ${line.text()}`);
  });
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== 'data:' && protocol !== 'blob:' && !hosts.includes(host)) faults.push(`asked ${host}`);
  });
  await page.goto(url);
  return { page, faults };
}
