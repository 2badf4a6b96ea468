import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOpcuaDriver } from '../../../src/drivers/opcua/opcua-driver.ts';
import { freePorts } from '../../support/free-ports.ts';
import { waitFor } from '../../support/wait-for.ts';
import { listen, siteOf } from '../modbus/bus-fixtures.ts';
import { type PlantServer, type PlantValues, startPlant } from './plant-server.ts';
import { node, room } from './room.ts';

describe('an OPC UA plant', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-opcua-'));
  const heard = listen();
  const { last, presence } = heard;
  const values: PlantValues = { Air: 3.4, Door: false, Broken: null };
  let port: number;
  let plant: PlantServer;
  let driver: ReturnType<typeof createOpcuaDriver>;

  beforeAll(async () => {
    [port] = (await freePorts(1)) as [number];
    plant = await startPlant(port, folder, values);
    const endpoint = `opc.tcp://127.0.0.1:${port}`;
    const site = siteOf(
      room('walk-in', endpoint, [node('air_temperature', 'Air'), node('door_open', 'Door')]),
      room('cellar', endpoint, [
        node('air_temperature', 'Air'),
        node('setpoint', 'Nowhere'),
        node('fan', 'Broken'),
      ]),
    );
    driver = createOpcuaDriver({ ...site, folder }, heard.context, folder);
    await driver.start();
  });

  afterAll(async () => {
    await driver.stop(5_000);
    await plant.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('tells its values, with the time of their source', async () => {
    await waitFor('both devices', () => last('walk-in', 'door_open') && presence('cellar').length > 0);
    expect(last('walk-in', 'air_temperature')).toMatchObject({ value: 3.4, quality: { level: 'good' } });
    expect(last('walk-in', 'door_open')).toMatchObject({ value: false, quality: { level: 'good' } });
    expect(presence('walk-in')).toEqual(['online']);
    const { eventTimeMs, receivedTimeMs } = last('walk-in', 'air_temperature')!;
    expect(Math.abs(receivedTimeMs - eventTimeMs)).toBeLessThan(5_000);
  });

  test('tells changes', async () => {
    values.Air = -1.5;
    values.Door = true;
    await waitFor('the new temperature', () => last('walk-in', 'air_temperature')?.value === -1.5);
    await waitFor('the open door', () => last('walk-in', 'door_open')?.value === true);
  });

  test('is asked for a value that does not change, so that its age tells whether it still holds', async () => {
    const before = heard.values('walk-in', 'door_open').length;
    await waitFor('more of the same', () => heard.values('walk-in', 'door_open').length >= before + 3);
    expect(last('walk-in', 'door_open')).toMatchObject({ value: true });
  });

  test('loses a missing node and a bad one, and no other', () => {
    expect(presence('cellar')).toEqual(['degraded']);
    expect(last('cellar', 'setpoint')).toMatchObject({ value: null, quality: { reason: 'device' } });
    expect(last('cellar', 'fan')).toMatchObject({ value: null, quality: { reason: 'comms' } });
    expect(last('cellar', 'air_temperature')).toMatchObject({ quality: { level: 'good' } });
  });

  test('that goes away has no values, and one that comes back with other indices is found again', async () => {
    await plant.stop();
    await waitFor(
      'offline',
      () => presence('walk-in').includes('offline') && presence('cellar').includes('offline'),
    );
    expect(last('walk-in', 'air_temperature')).toMatchObject({ value: null, quality: { reason: 'comms' } });
    expect(driver.health()).toMatchObject({ state: 'degraded' });

    values.Air = 7;
    plant = await startPlant(port, folder, values, {
      namespacesBefore: ['urn:test:new', 'urn:test:newer'],
    });
    await waitFor('the value of the new server', () => last('walk-in', 'air_temperature')?.value === 7);
    await waitFor('online', () => presence('walk-in').at(-1) === 'online');
    expect(driver.health()).toEqual({ state: 'ok' });
  });

  test('tells how long it takes to answer, and how far its clock is from ours', async () => {
    await waitFor('a round trip', () => driver.vitals?.('walk-in').roundTripMs != null);
    const { roundTripMs, clockOffsetMs, detail } = driver.vitals!('walk-in');
    expect(roundTripMs).toBeLessThan(2_000);
    expect(Math.abs(clockOffsetMs!)).toBeLessThan(2_000);
    expect(detail).toBeNull();
  });

  test('takes no commands', async () => {
    const sent = await driver.send({ id: '1', device: 'walk-in', name: 'defrost', body: {} });
    expect(sent).toMatchObject({ ok: false, error: { code: 'unsupported' } });
  });
});
