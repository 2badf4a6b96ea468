import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HealthView, StockView } from '../../src/store/views.ts';
import { type AisleProcess, startAisle } from '../support/aisle-process.ts';
import { opened } from '../support/hub-books.ts';
import { getJson } from '../support/json-http.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Truth, troubleIn } from '../support/whole-store.ts';

/** What the demo uses: dashboard, MQTT, hub, Modbus, OPC UA, the simulator's console. */
const PORTS = [8080, 1883, 50_051, 5020, 4840, 8081, 8082];
const API = 'http://127.0.0.1:8080/api/v1';

const isFree = (port: number) =>
  new Promise<boolean>(resolve => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
const takenPorts = async () => {
  const free = await Promise.all(PORTS.map(isFree));
  return PORTS.filter((_, index) => !free[index]);
};
const allFree = async () => (await takenPorts()).length === 0;

describe('aisle demo', () => {
  const data = mkdtempSync(join(tmpdir(), 'aisle-demo-'));
  let demo: AisleProcess | null = null;

  beforeAll(async () => {
    await waitFor('ports free', allFree, 60_000).catch(async () => {
      throw new Error(`the demo's ports ${(await takenPorts()).join(', ')} are in use; end what uses them`);
    });
  });
  afterAll(async () => {
    await demo?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  it('starts hub, gateway and simulated store, and says where to look', async () => {
    const startedMs = performance.now();
    demo = await startAisle(['demo', '--data', data]);
    expect(demo.output()).toContain('Dashboard   http://127.0.0.1:8080');
    const truth = () => getJson<Truth>('http://127.0.0.1:8081/truth');
    await opened({ truth });
    await waitFor(
      'every part is well',
      async () => (await getJson<HealthView>(`${API}/health`)).status === 'ok',
    );
    await waitFor(
      'a shopper carries something',
      async () => (await getJson<StockView[]>(`${API}/stock`)).some(({ inCart }) => inCart > 0),
      60_000,
    );
    const seconds = (performance.now() - startedMs) / 1_000;
    process.stdout.write(`stock moves ${seconds.toFixed(1)} s after the start line\n`);
    expect(seconds).toBeLessThan(60);
  });

  it('Ctrl-C ends all three with exit code 0 and frees every port', async () => {
    expect(await demo!.stop()).toBe(0);
    await waitFor('every port is free', allFree);
    expect(troubleIn(demo!.output().replaceAll(/^(hub|gateway|store) +/gm, ''))).toEqual([]);
  });

  it('a kill leaves none of them behind', async () => {
    demo = await startAisle(['demo', '--data', data]);
    await demo.kill();
    await waitFor('every port is free', allFree, 15_000);
  });
});
