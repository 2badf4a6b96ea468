import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SiteDevice } from '../src/config/site.ts';
import type { Faults } from './faults.ts';
import { startModbusServer } from './wire/modbus-server.ts';
import { startOpcuaServer } from './wire/opcua-server.ts';
import { createRegisterMap } from './wire/register-map.ts';
import { type ColdUnitModel, coldValue } from './world/cold-unit.ts';

/** The refrigeration plant on its field buses. */
export interface Plant {
  stop(): Promise<void>;
}

type Stoppable = { stop(): Promise<void> };

function groupBy<T>(things: readonly T[], keyOf: (thing: T) => string | null): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const key = keyOf(thing);
    if (key !== null) groups.set(key, [...(groups.get(key) ?? []), thing]);
  }
  return groups;
}

/** One server for each address that the site gives; several units may share one. */
export async function startPlant(
  devices: readonly SiteDevice[],
  coldUnits: ReadonlyMap<string, ColdUnitModel>,
  faults: Faults,
): Promise<Plant> {
  const cold = devices.filter(({ id }) => coldUnits.has(id));
  const trueValue = (device: string) => (point: string) => coldValue(coldUnits.get(device)!.state, point);
  const servers: Stoppable[] = [];
  let pkiFolder: string | null = null;
  const stop = async () => {
    for (const server of servers.toReversed()) await server.stop();
    if (pkiFolder) await rm(pkiFolder, { recursive: true, force: true });
  };
  const startModbus = async (group: readonly SiteDevice[]) => {
    const units = group.flatMap(({ id, profile, address }) =>
      address.protocol === 'modbus'
        ? [{ device: id, unit: address.unit, read: createRegisterMap(profile, trueValue(id)) }]
        : [],
    );
    const { address } = group[0]!;
    if (address.protocol === 'modbus')
      servers.push(await startModbusServer(address.host, address.port, units, faults));
  };
  const startOpcua = async (endpoint: string, group: readonly SiteDevice[], index: number) => {
    pkiFolder ??= await mkdtemp(join(tmpdir(), 'aisle-simulator-'));
    const units = group.map(({ id, profile }) => ({
      device: id,
      points: profile.points,
      trueValue: trueValue(id),
    }));
    servers.push(await startOpcuaServer(endpoint, units, join(pkiFolder, String(index)), faults));
  };
  try {
    const buses = groupBy(cold, ({ address }) =>
      address.protocol === 'modbus' ? `${address.host}:${address.port}` : null,
    );
    for (const group of buses.values()) await startModbus(group);
    const endpoints = groupBy(cold, ({ address }) =>
      address.protocol === 'opcua' ? address.endpoint : null,
    );
    for (const [endpoint, group] of endpoints) await startOpcua(endpoint, group, servers.length);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}
