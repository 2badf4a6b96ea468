import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { opened } from '../support/hub-books.ts';
import { has } from '../support/needs.ts';
import { runProgram } from '../support/program.ts';
import { type WholeStore, wholeStore } from '../support/whole-store.ts';

const CHROMIUM = '/usr/bin/chromium';
const VIEWS = ['/', '/store/9521321000018', '/stock', '/stock/09521321001039', '/rollouts', '/nothing'];

describe.skipIf(!has(CHROMIUM, 'chromium'))('the console of the hub in a browser', () => {
  let store: WholeStore;
  let browser: Browser;
  let page: Page;
  let base: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    if (!existsSync('dist/dashboard/hub.html')) await runProgram('npm', ['run', 'build:dashboard']);
    const [port] = (await freePorts(1)) as [number];
    base = `http://127.0.0.1:${port}`;
    store = await wholeStore();
    await store.hub(
      '--http',
      String(port),
      '--stores',
      'edge-config/stores.csv',
      '--data',
      `${store.folder}/hub`,
    );
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on('console', message => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', error => complaints.push(String(error)));
  });
  afterAll(async () => {
    await browser?.close();
    await store?.end();
  });

  it('says what to do while no store has connected, and shows the first by itself when it comes', async () => {
    await page.goto(base);
    await page.getByText('No store has connected yet').waitFor();
    await store.gateway();
    await store.simulator(20);
    await opened(store);
    await page.locator('.store-list').getByText('Demo store').waitFor();
    await page.locator('.map-pin[aria-label^="Demo store"]').waitFor();
  });

  it('finds an item in the stores by its bar code', async () => {
    await page.goto(`${base}/stock`);
    await page.getByLabel('GTIN').fill('9521321001039');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText(/to promise in 1 store/).waitFor();
    expect(page.url()).toBe(`${base}/stock/9521321001039`);
    await page.getByRole('link', { name: 'Demo store' }).click();
    await page.getByRole('heading', { name: 'Demo store' }).waitFor();
  });

  it('every view fits a phone, and nothing complains', async () => {
    await page.setViewportSize({ width: 360, height: 780 });
    for (const path of VIEWS) {
      await page.goto(base + path);
      await page.getByText('Asking the hub').first().waitFor({ state: 'detached' });
      expect([path, await page.evaluate('document.documentElement.scrollWidth - innerWidth')]).toEqual([
        path,
        0,
      ]);
    }
    expect(complaints).toEqual([]);
  });
});
