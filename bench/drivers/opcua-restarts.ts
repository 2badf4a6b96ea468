import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOpcuaDriver } from '../../src/drivers/opcua/opcua-driver.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { listen, siteOf } from '../../tests/drivers/modbus/bus-fixtures.ts';
import { type PlantValues, startPlant } from '../../tests/drivers/opcua/plant-server.ts';
import { node, room } from '../../tests/drivers/opcua/room.ts';
import { freePorts } from '../../tests/support/free-ports.ts';
import { waitFor } from '../../tests/support/wait-for.ts';

export interface RestartFigures {
  readonly restarts: number;
  /** How often the subscription told a change again within ten seconds of the server being up. */
  readonly back: number;
  readonly slowestMs: number;
  /** Restarts after which a node that the server still had did not come back. */
  readonly stopped: number;
}

const NODES = 50;

/** Restarts a server of 50 nodes; from the middle on it comes back without one of them, and with other indices. */
export async function opcuaRestarts(restarts: number): Promise<RestartFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-bench-opcua-'));
  const [port] = (await freePorts(1)) as [number];
  const heard = listen();
  const clock = systemClock();
  const values: PlantValues = Object.fromEntries(
    Array.from({ length: NODES }, (_, index) => [`N${index}`, index]),
  );
  // One device per node, so that each has a last value of its own.
  const endpoint = `opc.tcp://127.0.0.1:${port}`;
  const { devices } = siteOf(
    ...Object.keys(values).map(name => room(name.toLowerCase(), endpoint, [node('air_temperature', name)])),
  );
  const lastOf = (name: string) => heard.last(name.toLowerCase(), 'air_temperature')?.value;
  let plant = await startPlant(port, folder, values);
  const driver = createOpcuaDriver({ devices, folder }, heard.context, folder);
  await driver.start();
  let back = 0;
  let stopped = 0;
  let slowestMs = 0;
  try {
    await waitFor('the first values', () => Object.keys(values).every(name => lastOf(name) === values[name]));
    for (let round = 0; round < restarts; round++) {
      await plant.stop();
      const without = round >= restarts / 2 ? ['N7'] : [];
      const namespacesBefore = Array.from({ length: round % 3 }, (_, index) => `urn:bench:${index}`);
      for (const name of Object.keys(values)) values[name] = 1000 * (round + 1) + Number(name.slice(1));
      plant = await startPlant(port, folder, values, { without, namespacesBefore });
      const upMs = clock.monotonicMs();
      const living = Object.keys(values).filter(name => !without.includes(name));
      const isBack = () => living.every(name => lastOf(name) === values[name]);
      const inTime = await waitFor('all', isBack, 10_000).catch(() => false);
      if (inTime) {
        back += 1;
        slowestMs = Math.max(slowestMs, clock.monotonicMs() - upMs);
      } else stopped += living.filter(name => lastOf(name) !== values[name]).length;
    }
  } finally {
    await driver.stop(5_000);
    await plant.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return { restarts, back, slowestMs: Math.round(slowestMs), stopped };
}

if (import.meta.main) {
  const figures = await opcuaRestarts(Number(process.argv[2] ?? 20));
  console.log(JSON.stringify({ bench: 'opcua-restarts', ...figures }));
  process.exit(0);
}
