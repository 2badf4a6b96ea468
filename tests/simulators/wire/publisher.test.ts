import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createFaults } from '../../../simulators/faults.ts';
import { createPoster } from '../../../simulators/wire/poster.ts';
import { createPublisher } from '../../../simulators/wire/publisher.ts';
import type { TrueValue } from '../../../simulators/wire/raw-value.ts';
import { loadProfiles } from '../../../src/config/load-profiles.ts';
import type { SiteDevice } from '../../../src/config/site.ts';
import { silentLog } from '../../../src/shared/log.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { waitFor } from '../../support/wait-for.ts';

const { profiles } = loadProfiles('devices');
const deviceOf = (id: string, protocol: 'mqtt' | 'http'): SiteDevice => ({
  id: 'sensor',
  profile: profiles.get(id)!,
  address: { protocol, name: 'sensor-7' },
  bind: {},
});

function source(values: Record<string, TrueValue>) {
  let reports = 0;
  return { value: (point: string) => values[point], reported: () => void reports++, reports: () => reports };
}

function publisher(golden: number | null = null) {
  const device = deviceOf('ruuvitag', 'mqtt');
  const clock = manualClock();
  const faults = createFaults([device]);
  const sent: { topic: string; payload: string }[] = [];
  const link = {
    send: (topic: string, payload: string | Buffer) => void sent.push({ topic, payload: String(payload) }),
  };
  const values = source({ air_temperature: -18.5, signal: -60 });
  const common = { device, name: 'sensor-7', link, source: values, zone: 'UTC', golden, faults, clock };
  const turn = (fault: string, on = true) => faults.set({ device: 'sensor', fault, on });
  const times = () => sent.map(({ payload }) => Number((JSON.parse(payload) as { ts: string }).ts));
  return { report: createPublisher(common), sent, turn, clock, times };
}

describe('a sensor that publishes', () => {
  it('has its own name in the topic of its maker and its values in the maker’s message', () => {
    const { report, sent } = publisher();
    report();
    expect(sent[0]!.topic).toBe('ruuvi/gateway-1/sensor-7');
    expect(JSON.parse(sent[0]!.payload)).toMatchObject({ gw_mac: 'C8:25:2D:8E:9C:2C', rssi: -60 });
  });

  it('sends a golden frame as it stands, under its own name', () => {
    const { report, sent } = publisher(2);
    report();
    expect(sent[0]!.topic).toBe('ruuvi/C8:25:2D:8E:9C:2C/sensor-7');
    expect(JSON.parse(sent[0]!.payload)).toEqual({
      rssi: -80,
      data: '05F1D07A12C37C0004FFFC040CAC364200CECBB8334C884F',
    });
  });

  it('sends each message after the one that followed it, with a clock that is ahead, or rubbish', () => {
    const { report, sent, turn, clock, times } = publisher();
    turn('reordered');
    for (let minute = 0; minute < 4; minute++) {
      report();
      clock.advance(60_000);
    }
    const [first] = times().toSorted((a, b) => a - b);
    expect(times().map(seconds => (seconds - first!) / 60)).toEqual([1, 0, 3, 2]);
    turn('reordered', false);
    sent.length = 0;
    turn('clock_fast');
    report();
    expect(times()[0]! - clock.nowMs() / 1000).toBeCloseTo(3600, 0);
    sent.length = 0;
    turn('garbled');
    report();
    expect(() => JSON.parse(sent[0]!.payload)).toThrow();
  });
});

describe('a counter that posts', () => {
  it('posts to its own path, again when it is told to repeat, and never while it is silent', async () => {
    const posted: { url: string; body: string }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', chunk => {
        body += chunk;
      });
      request.on('end', () => {
        posted.push({ url: request.url!, body });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const device = deviceOf('xovis-push', 'http');
    const faults = createFaults([device]);
    const values = source({ people_in: 3, people_out: 1 });
    const gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const poster = createPoster({
      ...{ device, name: 'sensor-7', gateway, siteFolder: '.', source: values, zone: 'UTC' },
      ...{ golden: null, faults, clock: manualClock(), log: silentLog },
    });
    poster.report();
    await waitFor('the post', () => poster.isHeard());
    expect(posted[0]!.url).toBe('/ingest/v1/sensor-7');
    expect(posted[0]!.body).toContain('"name":"fw","value":3');
    expect(values.reports()).toBe(1);
    faults.set({ device: 'sensor', fault: 'doubled', on: true });
    poster.report();
    await waitFor('both', () => posted.length === 3);
    expect(posted[1]!.body).toBe(posted[2]!.body);
    faults.set({ device: 'sensor', fault: 'silent', on: true });
    poster.report();
    expect(values.reports()).toBe(2);
    poster.stop();
    server.close();
  });
});
