import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOpcuaDriver } from '../../../src/drivers/opcua/opcua-driver.ts';
import { freePorts } from '../../support/free-ports.ts';
import { waitFor } from '../../support/wait-for.ts';
import { listen, siteOf } from '../modbus/bus-fixtures.ts';
import { PLANT, type PlantServer, type PlantValues, startPlant } from './plant-server.ts';
import { node, room } from './room.ts';

describe('a subscription', () => {
  let folder: string;
  let heard: ReturnType<typeof listen>;
  let port: number;
  let plant: PlantServer;
  let values: PlantValues;
  let driver: ReturnType<typeof createOpcuaDriver>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aisle-opcua-'));
    heard = listen();
    [port] = (await freePorts(1)) as [number];
    values = { Air: 1, Door: false, Setpoint: 2 };
    plant = await startPlant(port, folder, values);
    const endpoint = `opc.tcp://127.0.0.1:${port}`;
    const { devices } = siteOf(
      room('walk-in', endpoint, [
        node('air_temperature', 'Air'),
        node('door_open', 'Door'),
        node('setpoint', 'Setpoint'),
      ]),
      room('by-path', { endpoint, root: `nsu=${PLANT};s=Room` }, [
        { key: 'air_temperature', browse: 'Air', scale: 1, offset: 0, deadband: 0.5 },
      ]),
    );
    driver = createOpcuaDriver({ devices, folder }, heard.context, folder);
    await driver.start();
    await waitFor('the first values', () => heard.last('walk-in', 'setpoint')?.value === 2);
  });

  afterAll(async () => {
    await driver.stop(5_000);
    await plant.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('comes back after each restart of its server, with whatever nodes the server then has', async () => {
    for (const [round, without] of [['Setpoint'], []].entries()) {
      await plant.stop();
      await waitFor('offline', () => heard.presence('walk-in').at(-1) === 'offline');
      values.Air = 10 + round;
      plant = await startPlant(port, folder, values, {
        without,
        namespacesBefore: Array.from({ length: round }, (_, index) => `urn:test:${index}`),
      });
      const startedMs = Date.now();
      await waitFor('the new value', () => heard.last('walk-in', 'air_temperature')?.value === 10 + round);
      expect(Date.now() - startedMs).toBeLessThan(10_000);
      values.Air = 20 + round;
      await waitFor('a change', () => heard.last('walk-in', 'air_temperature')?.value === 20 + round);
      const state = without.length > 0 ? 'degraded' : 'online';
      await waitFor(state, () => heard.presence('walk-in').at(-1) === state);
    }
  }, 60_000);

  test('goes on for the others when one node is deleted, and has it again when it returns', async () => {
    plant.remove('Setpoint');
    await waitFor('the loss', () => heard.last('walk-in', 'setpoint')?.quality.level === 'bad');
    for (const air of [30, 31, 32]) {
      values.Air = air;
      await waitFor('the others', () => heard.last('walk-in', 'air_temperature')?.value === air);
    }
    expect(driver.vitals?.('walk-in').errorRate).toBeGreaterThan(0);
    values.Setpoint = 4;
    plant.add('Setpoint');
    await waitFor('the node', () => heard.last('walk-in', 'setpoint')?.value === 4);
    await waitFor('online', () => heard.presence('walk-in').at(-1) === 'online');
  });

  test('follows a browse path below the object of the address, and leaves out what is within the deadband', async () => {
    values.Air = 1.2;
    await waitFor('the change', () => heard.last('walk-in', 'air_temperature')?.value === 1.2);
    values.Air = 8;
    await waitFor('the leap', () => heard.values('by-path', 'air_temperature').includes(8));
  });
});
