import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browseServer } from '../../../src/drivers/opcua/browse-server.ts';
import { silentLog } from '../../../src/shared/log.ts';
import { freePorts } from '../../support/free-ports.ts';
import { PLANT, type PlantServer, startPlant } from './plant-server.ts';
import { node, room } from './room.ts';

const byId = room('a', '', [node('air_temperature', 'Air'), node('door_open', 'Door')]).profile;
const byPath = {
  ...room('b', '', [
    { key: 'air_temperature', browse: 'Air', scale: 1, offset: 0 },
    { key: 'door_open', browse: 'Door', scale: 1, offset: 0 },
    { key: 'setpoint', browse: 'Nowhere', scale: 1, offset: 0 },
  ]).profile,
  id: 'by-path',
};
const other = { ...room('c', '', [node('air_temperature', 'Elsewhere')]).profile, id: 'other' };

describe('looking at a foreign OPC UA server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-browse-'));
  const options = { pkiFolder: join(folder, 'pki'), log: silentLog };
  let plant: PlantServer;
  let port: number;
  let secondPort: number;

  beforeAll(async () => {
    [port, secondPort] = (await freePorts(2)) as [number, number];
    plant = await startPlant(port, folder, { Air: 3.4, Door: false, Broken: null });
  });
  afterAll(async () => {
    await plant.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('names its variables as a profile would, with their values, and the profiles that fit', async () => {
    const seen = await browseServer(
      { endpoint: `opc.tcp://127.0.0.1:${port}` },
      [byId, byPath, other],
      options,
    );
    expect(seen).toMatchObject({ security: ['none'], trouble: null, isCut: false });
    expect(seen.variables).toEqual(
      expect.arrayContaining([
        { node: `nsu=${PLANT};s=Air`, path: 'Room/Air', value: '3.4' },
        { node: `nsu=${PLANT};s=Broken`, path: 'Room/Broken', value: 'BadNoCommunication' },
      ]),
    );
    expect(seen.candidates).toEqual([
      { profile: 'room', root: null, found: 2, points: 2 },
      { profile: 'by-path', root: `nsu=${PLANT};s=Room`, found: 2, points: 3 },
    ]);
  });

  test('tells at least its security when it lets nobody in', async () => {
    const secured = await startPlant(secondPort, folder, { Air: 1 }, { isSecure: true });
    try {
      const seen = await browseServer({ endpoint: `opc.tcp://127.0.0.1:${secondPort}` }, [byId], options);
      expect(seen.security).toEqual(['sign-and-encrypt Basic256Sha256']);
      expect(seen.trouble).toMatch(/does not offer security none/);
      expect(seen.variables).toEqual([]);
    } finally {
      await secured.stop();
    }
  });

  test('says that nobody is there', async () => {
    const [nowhere] = (await freePorts(1)) as [number];
    const endpoint = `opc.tcp://127.0.0.1:${nowhere}`;
    await expect(browseServer({ endpoint }, [], options)).rejects.toThrow(`nobody answers at ${endpoint}`);
  });
});
