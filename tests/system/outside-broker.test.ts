import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HealthView, MovementView } from '../../src/store/views.ts';
import type { AisleProcess } from '../support/aisle-process.ts';
import { readEventLog } from '../support/event-log.ts';
import { freePorts } from '../support/free-ports.ts';
import { closeShop, opened } from '../support/hub-books.ts';
import { has } from '../support/needs.ts';
import { type Program, startProgram } from '../support/program.ts';
import { connectTill } from '../support/sales.ts';
import { waitFor } from '../support/wait-for.ts';
import { type WholeStore, wholeStore } from '../support/whole-store.ts';

const GTIN = '09521321001275';

describe.skipIf(!has('mosquitto', 'mosquitto'))('a store on a Mosquitto of its own', () => {
  let store: WholeStore;
  let port: number;
  let broker: Program;
  let gateway: AisleProcess;
  const sold: string[] = [];

  const startBroker = async () => {
    const file = join(store.folder, 'mosquitto.conf');
    writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
    broker = startProgram('mosquitto', ['-c', file]);
    await waitFor('Mosquitto listens', () => broker.output().includes('running'));
  };
  const mqttPart = async () =>
    (await store.get<HealthView>('health')).parts.find(({ name }) => name === 'mqtt')!;
  const mqttIs = (state: string) =>
    waitFor(`the MQTT part is ${state}`, async () => (await mqttPart()).state === state, 40_000);
  /** Five receipts, each acknowledged by the broker. */
  const sellFive = async (round: string) => {
    const till = await connectTill(port);
    for (let number = 0; number < 5; number++) {
      const key = `till-1/${round}-${number}`;
      await till.sell(key, GTIN);
      sold.push(key);
    }
    await till.close();
  };
  const soldUnits = async () =>
    (await store.get<MovementView[]>(`stock/${GTIN}/movements?limit=1000`)).filter(
      ({ cause }) => cause === 'sale',
    ).length;
  const committed = () => waitFor('every sale is committed', async () => (await soldUnits()) >= sold.length);

  beforeAll(async () => {
    [port] = (await freePorts(1)) as [number];
    store = await wholeStore(yaml =>
      yaml.replace(/^ {2}port: \d+ # the embedded broker$/m, `  url: mqtt://127.0.0.1:${port}`),
    );
    await startBroker();
    gateway = await store.gateway();
  });
  afterAll(async () => {
    try {
      await store?.end();
    } finally {
      await broker?.stop('SIGKILL');
    }
  });

  it('has no broker of its own and counts what the simulated shelves publish there', async () => {
    expect(gateway.output()).toContain(`MQTT at mqtt://127.0.0.1:${port}`);
    const simulator = await store.simulator(10);
    await opened(store);
    await waitFor(
      'a shelf saw somebody take something',
      async () =>
        (await store.get<MovementView[]>('movements')).some(
          ({ from, to }) => from.startsWith('shelf:') && to === 'cart',
        ),
      60_000,
    );
    await closeShop(store, simulator);
  });

  it('takes sales that came while it was away from the lasting session', async () => {
    await sellFive('before');
    await committed();
    expect(await gateway.stop()).toBe(0);
    await sellFive('away');
    gateway = await store.gateway();
    await committed();
  });

  it('is degraded while the broker is dead, and well again by itself', async () => {
    await broker.stop('SIGKILL');
    await mqttIs('degraded');
    expect((await mqttPart()).detail).toContain(`127.0.0.1:${port}`);
    await startBroker();
    await mqttIs('ok');
    await sellFive('after');
    await committed();
  });

  it('has every acknowledged sale in the log once', async () => {
    expect(await gateway.stop()).toBe(0);
    const sales = readEventLog(store.data).filter(({ fact }) => fact.type === 'sale');
    const ours = sales.map(({ fact }) => String(fact.key)).filter(key => sold.includes(key));
    expect(ours.toSorted()).toEqual(sold.toSorted());
  });
});
