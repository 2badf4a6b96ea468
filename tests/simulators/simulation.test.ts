import { createServer, type Server } from 'node:http';
import { createServer as createNetServer, type Server as NetServer } from 'node:net';
import { Aedes } from 'aedes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulation, startSimulation } from '../../simulators/simulation.ts';
import { silentLog } from '../../src/shared/log.ts';
import { freePorts } from '../support/free-ports.ts';
import { waitFor } from '../support/wait-for.ts';
import { quickClock } from './support/quick-clock.ts';
import { smallSite } from './support/small-site.ts';

/** Everything that reached the gateway's side, in order: `topic payload` and `POST path body`. */
const heard: string[] = [];
const seen = (start: string) => heard.filter(line => line.startsWith(start));

/** What these tests ask of the truth. */
interface Told {
  readonly sales: { readonly acknowledged: number };
  readonly facings: readonly object[];
  readonly coldUnits: readonly { readonly doorOpen: boolean }[];
  readonly people: { readonly doors: readonly { readonly in: number }[] };
  readonly labels: readonly object[];
}

describe('a simulated store on the wire', () => {
  let broker: Aedes;
  let mqttServer: NetServer;
  let api: Server;
  let simulation: Simulation;
  let consoleUrl: string;

  beforeAll(async () => {
    const ports = {
      http: (await freePorts(1))[0]!,
      mqtt: (await freePorts(1))[0]!,
      modbus: (await freePorts(1))[0]!,
    };
    broker = await Aedes.createBroker();
    broker.on(
      'publish',
      ({ topic, payload }) => void (topic.startsWith('$') || heard.push(`${topic} ${payload}`)),
    );
    mqttServer = createNetServer(broker.handle);
    await new Promise<void>(resolve => mqttServer.listen(ports.mqtt, '127.0.0.1', resolve));
    api = createServer((request, response) => {
      let body = '';
      request.on('data', chunk => {
        body += chunk;
      });
      request.on('end', () => {
        heard.push(`${request.method} ${request.url} ${body}`);
        response.writeHead(201).end('{"status":"accepted"}');
      });
    });
    await new Promise<void>(resolve => api.listen(ports.http, '127.0.0.1', resolve));
    simulation = await startSimulation(
      smallSite(ports),
      { seed: 1, busy: 20, consolePort: 0, http: null, mqtt: null },
      { clock: quickClock(20), log: silentLog, print() {} },
    );
    consoleUrl = `http://127.0.0.1:${simulation.consolePort}`;
  });
  afterAll(async () => {
    await simulation.stop();
    await new Promise<void>(resolve => broker.close(resolve));
    mqttServer.close();
    api.close();
  });

  const post = (path: string, body: unknown) =>
    fetch(`${consoleUrl}${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const truth = async () => (await (await fetch(`${consoleUrl}/truth`)).json()) as Told;

  it('announces its devices, then weighs in both forms', async () => {
    await waitFor('a birth', () => seen('aisle/v1/till-1/presence online').length > 0);
    await waitFor('weights', () => seen('aisle/v1/shelf-2/weights').length > 0);
    expect(seen('aisle/v1/shelf-1/weights {"t0":').length).toBeGreaterThan(0);
    expect(seen('aisle/v1/shelf-2/weights {').length).toBe(0);
  });

  it('counts every facing and the backroom of every item before the first shopper pays', async () => {
    await waitFor('a sale', () => seen('aisle/v1/till-1/sale').length > 0);
    const counts = seen('POST /api/v1/counts');
    expect(counts.filter(line => line.includes('"place":"shelf:F'))).toHaveLength(6);
    expect(counts.filter(line => line.includes('"place":"backroom"'))).toHaveLength(6);
    expect(heard.indexOf(counts.at(-1)!)).toBeLessThan(heard.findIndex(line => line.includes('/sale')));
  });

  it('tells the truth, with sales as the gateway acknowledged them', async () => {
    await waitFor('three sales', () => seen('aisle/v1/till-1/sale').length >= 3);
    const now = await truth();
    expect(now).toMatchObject({ seed: 1, opened: true });
    expect(now.sales.acknowledged).toBeGreaterThanOrEqual(2);
    expect(now.facings).toHaveLength(6);
    expect(now.coldUnits).toMatchObject([{ device: 'case-1', setpointCelsius: 2 }]);
    expect(now.people.doors[0]!.in).toBeGreaterThan(0);
  });

  it('reports people through the doors on the sensor topic', async () => {
    await waitFor('an uplink', () => seen('milesight/uplink/door-1 {"people_total_in":').length > 0);
  });

  it('shows a price on a label and acknowledges it', async () => {
    const command = { id: 'c9', gtin: '1', name: 'Tea', price: '1.99', priceMinor: 199, currency: 'EUR' };
    broker.publish(
      {
        cmd: 'publish',
        topic: 'aisle/v1/label-1/command/show',
        payload: Buffer.from(JSON.stringify(command)),
        qos: 1,
        retain: false,
        dup: false,
      },
      () => {},
    );
    await waitFor('the answer', () => seen('aisle/v1/label-1/ack/show {"id":"c9","ok":true').length === 1);
    expect((await truth()).labels).toMatchObject([{ device: 'label-1', shown: { priceMinor: 199 } }]);
  });

  it('lets a door stand open on request and refuses what it does not know', async () => {
    expect((await post('/faults', { device: 'case-1', fault: 'door_open', on: true })).status).toBe(200);
    const told = await (await fetch(`${consoleUrl}/faults`)).json();
    expect(told).toMatchObject({ active: [{ device: 'case-1', fault: 'door_open' }] });
    await waitFor('the open door', async () => (await truth()).coldUnits[0]!.doorOpen);
    for (const wrong of [{ device: 'case-9', fault: 'silent', on: true }, { device: 'till-1' }, 'no json']) {
      expect((await post('/faults', wrong)).status).toBe(400);
    }
    expect((await fetch(`${consoleUrl}/nothing`)).status).toBe(404);
  });

  it('says everything twice, nothing at all, or is cut off with its last will', async () => {
    await post('/faults', { device: 'shelf-1', fault: 'doubled', on: true });
    const doubled = () => {
      const weights = seen('aisle/v1/shelf-1/weights');
      return weights.length - new Set(weights).size;
    };
    await waitFor('a doubled batch', () => doubled() > 2);
    await post('/faults', { device: 'shelf-1', fault: 'silent', on: true });
    const afterOthers = async (batches: number) => {
      const others = seen('aisle/v1/shelf-2/weights').length;
      await waitFor('the other shelf', () => seen('aisle/v1/shelf-2/weights').length >= others + batches);
      return seen('aisle/v1/shelf-1/weights').length;
    };
    // What was on its way when it fell silent may still arrive.
    const last = await afterOthers(20);
    expect(await afterOthers(20)).toBe(last);
    await post('/faults', { device: 'shelf-1', fault: 'stopped', on: true });
    await waitFor('the last will', () => seen('aisle/v1/shelf-1/presence offline').length === 1);
    await post('/faults', { device: 'shelf-1', fault: 'stopped', on: false });
    await waitFor('the rebirth', () => seen('aisle/v1/shelf-1/presence online').length === 2);
  });

  it('says in one sentence that a port is taken or a device unknown', async () => {
    const env = { clock: quickClock(1), log: silentLog, print() {} };
    const options = { seed: 1, busy: 1, consolePort: simulation.consolePort, http: 1, mqtt: 1 };
    const site = smallSite({ http: 1, mqtt: 1, modbus: (await freePorts(1))[0]! });
    await expect(startSimulation(site, options, env)).rejects.toThrow(
      `the simulator's console cannot listen on 127.0.0.1:${simulation.consolePort}`,
    );
    await expect(startSimulation(site, { ...options, only: ['shelf-9'] }, env)).rejects.toThrow(
      'no device "shelf-9" in small; there are shelf-1',
    );
  });
});
