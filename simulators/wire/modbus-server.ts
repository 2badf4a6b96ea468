import { ServerTCP } from 'modbus-serial';
import type { Faults } from '../faults.ts';
import type { ReadRaw, Table } from './register-map.ts';

/** A unit behind one Modbus TCP address, such as a controller on a serial gateway. */
export interface ModbusUnit {
  readonly device: string;
  readonly unit: number;
  readonly read: ReadRaw;
}

export interface ModbusServer {
  /** Does nothing while every unit of the address is stopped. */
  stop(): Promise<void>;
}

const ILLEGAL_ADDRESS = 2;
/** What a serial gateway answers for a unit that does not. */
const TARGET_FAILED_TO_RESPOND = 11;

const exception = (modbusErrorCode: number) =>
  Object.assign(new Error(`Modbus exception ${modbusErrorCode}`), { modbusErrorCode });

type Answer<T> = (error: Error | null, value: T) => void;

/** Resolves when the port is open; rejects with one sentence when it cannot be. */
function listen(vector: object, host: string, port: number): Promise<ServerTCP> {
  return new Promise((resolve, reject) => {
    const server = new ServerTCP(vector, { host, port, unitID: 255 });
    server.on('initialized', () => resolve(server));
    server.on('serverError', error =>
      reject(new Error(`Modbus simulator cannot listen on ${host}:${port}: ${error?.message ?? 'unknown'}`)),
    );
    // A client that goes away in the middle of a frame is its own business.
    server.on('socketError', () => {});
  });
}

const close = (server: ServerTCP) => new Promise<void>(resolve => server.close(() => resolve()));

/**
 * Serves all units of one host and port (`port` from 1). A unit id that nobody has, and a silent unit, get
 * no reply; a stopped unit gets exception 11 as from a serial gateway, and when all are stopped the port closes.
 */
export async function startModbusServer(
  host: string,
  port: number,
  units: readonly ModbusUnit[],
  faults: Faults,
): Promise<ModbusServer> {
  const byUnit = new Map(units.map(unit => [unit.unit, unit] as const));
  const reader =
    (table: Table) =>
    (address: number, unitId: number, answer: Answer<number>): void => {
      const unit = byUnit.get(unitId);
      if (!unit || faults.isOn(unit.device, 'silent')) return;
      const raw = unit.read(table, address);
      if (faults.isOn(unit.device, 'stopped')) answer(exception(TARGET_FAILED_TO_RESPOND), 0);
      else if (raw === null) answer(exception(ILLEGAL_ADDRESS), 0);
      else answer(null, raw);
    };
  const bits = (table: Table) => {
    const read = reader(table);
    return (address: number, unitId: number, answer: Answer<boolean>) =>
      read(address, unitId, (error, value) => answer(error, value !== 0));
  };
  const vector = {
    getHoldingRegister: reader('holding'),
    getInputRegister: reader('input'),
    getCoil: bits('coil'),
    getDiscreteInput: bits('discrete'),
  };
  let server: ServerTCP | null = await listen(vector, host, port);
  let changing: Promise<void> = Promise.resolve();
  const follow = async () => {
    const wanted = !units.every(({ device }) => faults.isOn(device, 'stopped'));
    if (wanted && !server) server = await listen(vector, host, port);
    if (wanted || !server) return;
    const closing = server;
    server = null;
    await close(closing);
  };
  faults.onChange(({ device, fault }) => {
    // A port that somebody took meanwhile leaves the units stopped, as a real one would.
    if (fault === 'stopped' && units.some(unit => unit.device === device))
      changing = changing.then(follow).catch(() => {});
  });
  return {
    async stop() {
      await changing;
      if (server) await close(server);
      server = null;
    },
  };
}
