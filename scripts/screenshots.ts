import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/**
 * Takes a picture of every view at three widths, light and dark, from a running gateway, or of the console of a running hub:
 * `npx node scripts/screenshots.ts <base url> <folder> [view ...]`. Needs Chromium at /usr/bin/chromium.
 */
const [baseUrl, folder, ...only] = process.argv.slice(2);
if (!baseUrl || !folder) {
  process.stderr.write('usage: node scripts/screenshots.ts <base url> <folder> [view ...]\n');
  process.exit(2);
}

const WIDTHS = [
  { name: 'desktop', width: 1440, height: 900 },
  { name: 'tablet', width: 1024, height: 768 },
  { name: 'phone', width: 360, height: 780 },
] as const;

/** A hub has stores; a gateway is one. */
const isHub = async () => (await fetch(new URL('/api/v1/stores', baseUrl))).ok;

/** Paths of the views of a hub's console; the store is the one that is listed first. */
async function consolePaths(): Promise<[name: string, path: string][]> {
  const response = await fetch(new URL('/api/v1/stores', baseUrl));
  const { stores } = (await response.json()) as { stores: { gln: string }[] };
  const paths: [string, string][] = [
    ['stores', '/'],
    ['stock', '/stock'],
    ['rollouts', '/rollouts'],
  ];
  if (stores[0]) paths.push(['store', `/store/${stores[0].gln}`]);
  return paths;
}

/** Paths of the views; the item is whatever the store lists first. */
async function viewPaths(): Promise<[name: string, path: string][]> {
  const response = await fetch(new URL('/api/v1/stock', baseUrl));
  const [first] = (await response.json()) as { gtin: string }[];
  const names = ['tasks', 'cold', 'footfall', 'labels', 'devices', 'cloud'];
  const paths: [string, string][] = [
    ['store', '/'],
    ...names.map((name): [string, string] => [name, `/${name}`]),
    ['lines', '/devices/lines'],
    ['unknown', '/devices/new'],
  ];
  if (first) paths.push(['item', `/item/${first.gtin}`]);
  return paths;
}

async function takeAll(browser: Browser): Promise<void> {
  const [all, ready] = (await isHub())
    ? [await consolePaths(), 'Asking the hub']
    : [await viewPaths(), 'Asking the gateway'];
  const paths = all.filter(([name]) => only.length === 0 || only.includes(name));
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const { name: size, width, height } of WIDTHS) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme });
      page.on('console', message => {
        if (message.type() === 'error') process.stderr.write(`${message.text()}\n`);
      });
      for (const [name, path] of paths) {
        await page.goto(new URL(path, baseUrl).href);
        if (ready === 'Asking the gateway') await page.getByText('Live', { exact: true }).waitFor();
        await page.getByText(ready).first().waitFor({ state: 'detached' });
        await page.evaluate('new Promise(done => requestIdleCallback(done, { timeout: 1000 }))');
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        if (overflow > 0) process.stderr.write(`${name} is ${overflow} px too wide at ${width}\n`);
        await page.screenshot({
          path: join(folder!, `${name}-${size}-${colorScheme}.png`),
          fullPage: false,
        });
      }
      await page.close();
    }
  }
}

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  await takeAll(browser);
} finally {
  await browser.close();
}
