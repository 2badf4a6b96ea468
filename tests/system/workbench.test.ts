import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceView } from '../../src/store/views.ts';
import { type AisleProcess, startAisle } from '../support/aisle-process.ts';
import { getJson, postJson } from '../support/json-http.ts';
import { type SiteCopy, siteCopy } from '../support/site-copy.ts';
import { waitFor } from '../support/wait-for.ts';
import { troubleIn } from '../support/whole-store.ts';

const CONSOLE = 8081;

describe('the workbench: one device of every model, simulated and read', () => {
  let copy: SiteCopy;
  let gateway: AisleProcess;
  let simulator: AisleProcess;
  const devices = () => getJson<DeviceView[]>(`http://127.0.0.1:${copy.port(8080)}/api/v1/devices`);
  const stateOf = async (id: string) => (await devices()).find(({ device }) => device === id)?.state;
  const fault = (device: string, name: string, on: boolean) =>
    postJson(`http://127.0.0.1:${copy.port(CONSOLE)}/faults`, { device, fault: name, on });

  beforeAll(async () => {
    copy = await siteCopy('workbench', [8080, 1883, 5020, 5021, 4840, CONSOLE]);
    simulator = await startAisle([
      'simulate',
      copy.site,
      '--console',
      String(copy.port(CONSOLE)),
      '--seed',
      '4',
    ]);
    gateway = await startAisle(['run', copy.site, '--data', join(copy.folder, 'data')]);
  });
  afterAll(async () => {
    await gateway?.stop();
    await simulator?.stop();
    copy?.remove();
    expect([gateway, simulator].flatMap(process => troubleIn(process?.output() ?? ''))).toEqual([]);
  });

  it('every one of them comes online', async () => {
    const waiting = async () =>
      (await devices())
        .filter(({ state }) => state !== 'online')
        .map(({ device, state }) => `${device} ${state}`);
    let left: readonly string[] = [];
    await waitFor(
      'all devices are online',
      async () => {
        left = await waiting();
        return left.length === 0;
      },
      60_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; left: ${left.join(', ')}`);
    });
    expect((await devices()).length).toBeGreaterThanOrEqual(37);
  });

  it('a controller that fails is degraded or offline, and well again by itself', async () => {
    await fault('ekc-202d', 'stopped', true);
    await waitFor('it is offline', async () => (await stateOf('ekc-202d')) === 'offline', 20_000);
    expect(await stateOf('ekc-202b')).toBe('online');
    await fault('ekc-202d', 'stopped', false);
    await waitFor('it is back', async () => (await stateOf('ekc-202d')) === 'online', 60_000);
  });

  it('rubbish, repeats and a wild clock of one sender leave all others online', async () => {
    for (const [device, name] of [
      ['shelly-1', 'garbled'],
      ['ruuvi-1', 'doubled'],
      ['lht65n-1', 'reordered'],
      ['xovis-1', 'clock_fast'],
      ['irisys-1', 'garbled'],
    ] as const) {
      await fault(device, name, true);
    }
    const seen = new Map((await devices()).map(({ device, lastSeenMs }) => [device, lastSeenMs] as const));
    await waitFor(
      'the others are heard again',
      async () => {
        const others = (await devices()).filter(({ device }) =>
          ['em300-1', 'hx711-1', 'vs133-p'].includes(device),
        );
        return others.every(
          ({ device, lastSeenMs, state }) => state === 'online' && lastSeenMs! > seen.get(device)!,
        );
      },
      60_000,
    );
  });
});
