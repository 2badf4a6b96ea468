import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Api, createApi } from '../../src/api/api.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { silentLog } from '../../src/shared/log.ts';
import { LAYOUT_FACINGS } from '../dashboard/demo-layout.ts';
import { demoStore } from '../dashboard/demo-store.ts';
import { apiFixture } from './api-fixture.ts';

const started: Api[] = [];
function api(port: number) {
  const clock = systemClock();
  const store = demoStore(clock);
  const made = createApi({
    ...store,
    host: '127.0.0.1',
    port,
    clock,
    log: silentLog,
    counters: createCounters(),
    dashboardFolder: null,
  });
  started.push(made);
  return { api: made, store };
}
afterEach(async () => {
  for (const each of started.splice(0)) await each.stop(2_000);
});

describe('the API as a part of the gateway', () => {
  it('takes a free port, says which, and is well', async () => {
    const { api: part } = api(0);
    await part.start();
    expect(part.port).toBeGreaterThan(0);
    expect(part.health()).toEqual({ state: 'ok' });
    const answer = await fetch(`http://127.0.0.1:${part.port}/api/v1/health`);
    expect(answer.status).toBe(200);
  });

  it('says in one sentence that its port is taken, and by what to go on', async () => {
    const first = api(0).api;
    await first.start();
    const second = api(first.port).api;
    await expect(second.start()).rejects.toThrow(
      `HTTP port ${first.port} on 127.0.0.1 is in use; stop the other program or choose another with --http`,
    );
    expect(second.health().state).toBe('failed');
  });

  it('streams changes over HTTP and ends the stream when it stops', async () => {
    const { api: part, store } = api(0);
    await part.start();
    const response = await fetch(`http://127.0.0.1:${part.port}/api/v1/live`);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const stream = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const { item, facing } = LAYOUT_FACINGS[0]!;
    store.move(item.gtin, `shelf:${facing}`, 'cart', 1, { kind: 'document', key: 'd' });
    let text = '';
    while (!text.includes('event: facing')) text += (await stream.read()).value ?? '';
    expect(text.indexOf('event: hello')).toBeLessThan(text.indexOf('event: movement'));
    await part.stop(2_000);
    await expect(stream.read()).rejects.toThrow();
    expect(part.health().state).toBe('stopped');
  });
});

describe('the dashboard files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'aisle-dashboard-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<title>Aisle</title>');
    writeFileSync(join(folder, 'assets', 'index-1a2b.js'), 'let a');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are the page for every view, checked each time, and assets that never change', async () => {
    const { app, get } = await apiFixture({ dashboardFolder: folder });
    const page = await get('/');
    const view = await get('/item/09521321000018');
    const asset = await get('/assets/index-1a2b.js');
    expect([page.body, view.body]).toEqual(['<title>Aisle</title>', '<title>Aisle</title>']);
    expect([page, view].map(({ headers }) => headers['cache-control'])).toEqual(['no-cache', 'no-cache']);
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    await app.close();
  });

  it.each(['/assets/', '/assets', '/assets/missing.js', '/../package.json', '/.git/config'])(
    'show neither a folder nor what lies outside it: %s',
    async path => {
      const { app, get } = await apiFixture({ dashboardFolder: folder });
      const answer = await get(path);
      expect(answer.body).not.toContain('index-1a2b');
      expect(answer.body).not.toContain('"version"');
      expect([200, 403, 404]).toContain(answer.statusCode);
      await app.close();
    },
  );

  it('say how to build them when they are not there', async () => {
    const { app, get } = await apiFixture({ dashboardFolder: join(folder, 'nowhere') });
    const answer = await get('/');
    expect(answer.statusCode).toBe(404);
    expect(answer.body).toContain('npm run build:dashboard');
    await app.close();
  });
});
