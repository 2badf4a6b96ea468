import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AisleProcess } from '../support/aisle-process.ts';
import { has } from '../support/needs.ts';
import { runProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';
import { type WholeStore, wholeStore } from '../support/whole-store.ts';

const CHROMIUM = '/usr/bin/chromium';
const PHONE = { width: 360, height: 780 };
const DESKTOP = { width: 1440, height: 900 };
const VIEWS = [
  '/',
  '/tasks',
  '/cold',
  '/footfall',
  '/labels',
  '/devices',
  '/devices/lines',
  '/devices/new',
  '/cloud',
  '/cloud/link',
  '/item/09521321001039',
];

describe.skipIf(!has(CHROMIUM, 'chromium'))('the dashboard in a browser', () => {
  let store: WholeStore;
  let gateway: AisleProcess;
  let browser: Browser;
  let page: Page;
  /** Whatever the browser complained of since the test began. */
  const complaints: string[] = [];

  const open = async (path: string) => {
    await page.goto(`http://127.0.0.1:${store.ports.http}${path}`);
    await page.getByText('Live', { exact: true }).waitFor();
  };
  /** The count of every facing, in the order of the page. */
  const counts = () => page.locator('.tile-count b').allTextContents();

  beforeAll(async () => {
    if (!existsSync('dist/dashboard/index.html')) await runProgram('npm', ['run', 'build:dashboard']);
    store = await wholeStore();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: DESKTOP });
    page.on('console', message => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', error => complaints.push(String(error)));
    page.on('requestfailed', request => {
      const reason = request.failure()?.errorText;
      // Leaving a page ends what it was still asking for.
      if (reason !== 'net::ERR_ABORTED') complaints.push(`${request.url()} ${reason}`);
    });
    page.on('response', response => {
      if (response.status() >= 400) complaints.push(`${response.url()} ${response.status()}`);
    });
  });
  afterAll(async () => {
    await browser?.close();
    await store?.end();
  });

  it('shows within a minute of the start moving stock, three fridges, footfall and labels', async () => {
    const startedMs = performance.now();
    gateway = await store.gateway();
    await store.simulator(5);
    await open('/');
    await waitFor('30 facings', async () => (await counts()).length === 30);
    await waitFor('the opening counts', async () => (await counts()).every(text => text !== '0'), 30_000);
    const before = await counts();
    await waitFor('a count changes by itself', async () => `${await counts()}` !== `${before}`, 60_000);
    await waitFor('three temperatures', async () => {
      const figures = await page.locator('.strip .card-figure b').allTextContents();
      return figures.filter(text => /^[−-]?\d+\.\d/.test(text)).length === 3;
    });
    await waitFor('two doors', () => page.getByText('2 counting').isVisible());
    await waitFor('eight prices', async () => {
      const prices = await page.locator('.edge-price').allTextContents();
      return prices.length === 8 && prices.every(text => /\d/.test(text));
    });
    const seconds = (performance.now() - startedMs) / 1_000;
    process.stdout.write(`all of it ${seconds.toFixed(1)} s after the start line\n`);
    expect(seconds).toBeLessThan(60);
  });

  it.each([
    ['a desktop', DESKTOP],
    ['a phone', PHONE],
  ])('fits the width of %s in every view', async (_, viewport) => {
    await page.setViewportSize(viewport);
    for (const path of VIEWS) {
      await open(path);
      await page.locator('h1').waitFor();
      const tooWide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      expect(`${path} ${tooWide} px too wide`).toBe(`${path} 0 px too wide`);
    }
  });

  it('shows people who come and go', async () => {
    await page.setViewportSize(DESKTOP);
    await open('/footfall');
    await waitFor(
      'somebody came in',
      async () =>
        Number(await page.locator('.figure', { hasText: 'came in' }).locator('b').textContent()) > 0,
      // A counter reports every ten seconds, the first report is where it starts, and a minute is told when it is over.
      100_000,
    );
  });

  it('made the browser complain of nothing', () => {
    expect(complaints).toEqual([]);
  });

  it('says so when it has lost the gateway, and is live again when that is back', async () => {
    await open('/');
    expect(await gateway.stop()).toBe(0);
    await page.getByText('This page has lost the gateway.').waitFor({ timeout: 15_000 });
    expect(await page.getByText('Link lost').isVisible()).toBe(true);
    // The last figures stay, so that a person can still read them.
    expect((await counts()).length).toBe(30);
    await store.gateway();
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 15_000 });
    await page.getByText('This page has lost the gateway.').waitFor({ state: 'detached' });
  });
});
