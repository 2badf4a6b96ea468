import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createHandheld } from '../../../simulators/wire/handheld.ts';
import { silentLog } from '../../../src/shared/log.ts';
import { waitFor } from '../../support/wait-for.ts';
import { quickClock } from '../support/quick-clock.ts';

let server: Server;

/** A gateway that answers with these status codes in turn, then always 201. Returns what it was sent. */
async function gateway(statuses: number[]) {
  const heard: string[] = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => {
      body += chunk;
    });
    request.on('end', () => {
      heard.push(`${request.method} ${request.url} ${body}`);
      response.writeHead(statuses.shift() ?? 201).end('{"status":"accepted"}');
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

afterEach(() => void server.close());

describe('the handheld', () => {
  it('repeats a document until the gateway takes it, before it sends the next', async () => {
    const { heard, url } = await gateway([503, 500]);
    const handheld = createHandheld(url, quickClock(100), silentLog);
    handheld.post('counts', { key: 'a' });
    handheld.post('refills', { key: 'b' });
    await handheld.whenDone();
    const count = 'POST /api/v1/counts {"key":"a"}';
    expect(heard).toEqual([count, count, count, 'POST /api/v1/refills {"key":"b"}']);
    expect(handheld.figures()).toEqual({ accepted: 2, refused: 0, repeats: 2 });
  });

  it('does not repeat what the gateway refuses for good', async () => {
    const { heard, url } = await gateway([422]);
    const handheld = createHandheld(url, quickClock(100), silentLog);
    handheld.post('counts', { key: 'a' });
    await handheld.whenDone();
    expect(heard).toHaveLength(1);
    expect(handheld.figures()).toMatchObject({ accepted: 0, refused: 1 });
  });

  it('gives up when it is stopped', async () => {
    const { heard, url } = await gateway(new Array(1000).fill(503));
    const handheld = createHandheld(url, quickClock(100), silentLog);
    handheld.post('counts', { key: 'a' });
    await waitFor('a try', () => heard.length > 0);
    handheld.stop();
    await handheld.whenDone();
    expect(handheld.waiting()).toBe(1);
  });
});
