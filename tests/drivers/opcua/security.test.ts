import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpcuaAddress } from '../../../src/config/site.ts';
import { createOpcuaDriver } from '../../../src/drivers/opcua/opcua-driver.ts';
import { freePorts } from '../../support/free-ports.ts';
import { waitFor } from '../../support/wait-for.ts';
import { listen, siteOf } from '../modbus/bus-fixtures.ts';
import { type PlantServer, startPlant } from './plant-server.ts';
import { node, room } from './room.ts';

describe('a server that asks for security', () => {
  let folder: string;
  let plant: PlantServer;
  let endpoint: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aisle-opcua-'));
    const [port] = (await freePorts(1)) as [number];
    endpoint = `opc.tcp://127.0.0.1:${port}`;
    const user = { name: 'aisle', password: 'a long word' };
    plant = await startPlant(port, folder, { Air: 3 }, { isSecure: true, user });
  });

  afterAll(async () => {
    await plant.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function withDriver(
    address: Omit<OpcuaAddress, 'endpoint'>,
    check: (heard: ReturnType<typeof listen>, trouble: () => string | null) => Promise<void>,
  ): Promise<void> {
    const heard = listen();
    const { devices } = siteOf(room('room', { endpoint, ...address }, [node('air_temperature', 'Air')]));
    const driver = createOpcuaDriver({ devices, folder }, heard.context, join(folder, 'pki'));
    await driver.start();
    try {
      await check(heard, () => driver.vitals?.('room').detail ?? null);
    } finally {
      await driver.stop(5_000);
    }
  }

  const rejected = () => join(folder, 'pki', 'opcua-client', 'rejected');

  /** What the sentence asks of a technician. */
  function trustServer(): void {
    const trusted = join(folder, 'pki', 'opcua-client', 'trusted', 'certs');
    mkdirSync(trusted, { recursive: true });
    for (const name of readdirSync(rejected())) renameSync(join(rejected(), name), join(trusted, name));
  }

  const user = { name: 'aisle', passwordFile: 'password' };

  test('is not asked at all while the password file is missing', async () => {
    await withDriver({ security: 'sign-and-encrypt', user }, async (_heard, trouble) => {
      await waitFor('the reason', () => trouble());
      expect(trouble()).toMatch(/the password file .*password of user aisle cannot be read; create it/);
    });
  });

  test('says what it lacks when it is asked without security', async () => {
    await withDriver({}, async (_heard, trouble) => {
      await waitFor('the refusal', () => trouble());
      expect(trouble()).toMatch(/does not offer security none; "aisle discover opcua opc\.tcp:/);
    });
  }, 20_000);

  test('is believed when a person has trusted its certificate, and gets the user’s password', async () => {
    writeFileSync(join(folder, 'password'), 'a long word\n');
    await withDriver({ security: 'sign-and-encrypt', user }, async (heard, trouble) => {
      await waitFor('the distrust', () => trouble());
      expect(trouble()).toMatch(/certificate of opc\.tcp:.* is not trusted; .* move it from .*rejected/);
      expect(heard.last('room', 'air_temperature')).toMatchObject({ value: null });
    });
    trustServer();
    await withDriver({ security: 'sign-and-encrypt', user }, async heard => {
      await waitFor('a value', () => heard.last('room', 'air_temperature')?.value === 3);
      expect(heard.presence('room')).toEqual(['online']);
    });
    writeFileSync(join(folder, 'password'), 'another word');
    await withDriver({ security: 'sign-and-encrypt', user }, async (_heard, trouble) => {
      await waitFor('the refusal', () => trouble());
      expect(trouble()).toBe(`${endpoint} refuses user aisle; correct the name, or the password in password`);
      expect(trouble()).not.toContain('another word');
    });
  }, 40_000);
});
