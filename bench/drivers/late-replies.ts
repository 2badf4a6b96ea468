import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import Modbus from 'modbus-serial';
import { createRandom } from '../../simulators/world/random.ts';
import { type Bus, createBus } from '../../src/drivers/modbus/bus.ts';
import { rtuFraming } from '../../src/drivers/modbus/framing.ts';
import { dialTcp } from '../../src/drivers/modbus/tcp-wire.ts';
import type { Dial } from '../../src/drivers/modbus/wire.ts';
import { type Clock, sleep, systemClock } from '../../src/shared/clock.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { silentLog } from '../../src/shared/log.ts';
import { ok } from '../../src/shared/result.ts';
import { createScriptedSlave, heldBy, type Misbehaviour } from './scripted-slave.ts';
import { createVirtualClock } from './virtual-clock.ts';

/**
 * Reads from an RTU line whose replies come late, damaged, torn or not at all, and compares every value that was
 * delivered with what the register holds. RTU replies name no register, so a late one is easily taken for another's.
 */
export interface LateReplyFigures {
  readonly asked: number;
  readonly delivered: number;
  /** Values of another register than the one that was asked for. */
  readonly wrong: number;
  readonly timeouts: number;
  /** Replies that were thrown away because they came after their time. */
  readonly lateDropped: number;
}

export const MISBEHAVIOUR: Misbehaviour = {
  late: 0.05,
  latestMs: 900,
  damaged: 0.02,
  lost: 0.01,
  noise: 0.02,
  torn: 0.05,
};

const UNITS = 3;
const TIMEOUT_MS = 100;
// Like the maps of refrigeration controllers: most reads look alike.
const PLACES = [
  { address: 100, count: 1 },
  { address: 200, count: 1 },
  { address: 300, count: 1 },
  { address: 400, count: 2 },
  { address: 500, count: 2 },
  { address: 600, count: 4 },
] as const;

type Place = (typeof PLACES)[number];

const isRight = (unit: number, place: Place, values: readonly number[]) =>
  values.length === place.count &&
  values.every((value, index) => value === heldBy(unit, place.address + index));

interface Options {
  readonly reads: number;
  readonly seed: number;
  readonly misbehaviour: Misbehaviour;
}

/** Aisle's own client on a line in memory, where time passes only when everybody waits. */
export async function ownClientInMemory({ reads, seed, misbehaviour }: Options): Promise<LateReplyFigures> {
  const clock = createVirtualClock();
  const random = createRandom(seed);
  const dial: Dial = async events => {
    const slave = createScriptedSlave({
      clock,
      random: () => random.next(),
      misbehaviour,
      send: events.data,
    });
    return ok({ write: slave.request, close() {} });
  };
  return clock.run(readThrough(dial, clock, reads, () => random.next()));
}

/** The same over TCP and in real time. */
export async function ownClientOverTcp(options: Options): Promise<LateReplyFigures> {
  const clock = systemClock();
  const line = await listenRtu(options, clock);
  const random = createRandom(options.seed + 1);
  const figures = await readThrough(dialTcp('127.0.0.1', line.port, clock), clock, options.reads, () =>
    random.next(),
  );
  await line.close();
  return figures;
}

async function readThrough(
  dial: Dial,
  clock: Clock,
  reads: number,
  random: () => number,
): Promise<LateReplyFigures> {
  const counters = createCounters();
  const bus = createBus(
    {
      bus: 'bench',
      dial,
      framing: rtuFraming(),
      guardMs: 0,
      quietMs: 30,
      characterMs: 0,
      pauseAfterConnectMs: 0,
      timeoutsUntilReconnect: 3,
    },
    { clock, log: silentLog, counters, random },
    { asked() {}, dropped() {} },
  );
  const tally = { asked: 0, delivered: 0, wrong: 0, timeouts: 0 };
  while (tally.asked < reads) await readOne(bus, clock, random, tally);
  bus.close();
  const lateDropped = counters
    .snapshot()
    .filter(({ name, labels }) => name === 'modbus_replies_dropped_total' && labels.reason === 'late')
    .reduce((sum, { value }) => sum + value, 0);
  return { ...tally, lateDropped };
}

async function readOne(
  bus: Bus,
  clock: Clock,
  random: () => number,
  tally: { asked: number; delivered: number; wrong: number; timeouts: number },
): Promise<void> {
  const unit = 1 + Math.floor(random() * UNITS);
  const place = PLACES[Math.floor(random() * PLACES.length)]!;
  const request = { table: 'holding', address: place.address, count: place.count } as const;
  const answer = await bus.ask(unit, request, { timeoutMs: TIMEOUT_MS });
  if (answer.kind === 'held' || answer.kind === 'unreachable') {
    // Others are asked meanwhile; a line of which all units are held waits a little.
    await sleep(clock, 1);
    return;
  }
  tally.asked += 1;
  if (answer.kind === 'timeout') tally.timeouts += 1;
  if (answer.kind !== 'values') return;
  tally.delivered += 1;
  if (!isRight(unit, place, answer.values)) tally.wrong += 1;
}

/** What the usual library does on the same line: RTU frames over TCP, one read at a time. */
export async function libraryOverTcp(options: Options): Promise<LateReplyFigures> {
  const clock = systemClock();
  const line = await listenRtu(options, clock);
  const random = createRandom(options.seed + 1);
  const client = new Modbus.default();
  client.on('error', () => {});
  await client.connectTelnet('127.0.0.1', { port: line.port });
  client.setTimeout(TIMEOUT_MS);
  const tally = { asked: 0, delivered: 0, wrong: 0, timeouts: 0 };
  while (tally.asked < options.reads) {
    const unit = 1 + Math.floor(random.next() * UNITS);
    const place = PLACES[Math.floor(random.next() * PLACES.length)]!;
    client.setID(unit);
    tally.asked += 1;
    try {
      const { data } = await client.readHoldingRegisters(place.address, place.count);
      tally.delivered += 1;
      if (!isRight(unit, place, data)) tally.wrong += 1;
    } catch {
      tally.timeouts += 1;
    }
  }
  await new Promise<void>(resolve => client.close(() => resolve()));
  await line.close();
  return { ...tally, lateDropped: 0 };
}

async function listenRtu({ seed, misbehaviour }: Options, clock: Clock) {
  const sockets = new Set<Socket>();
  const random = createRandom(seed);
  const server: Server = createServer(socket => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    const send = (bytes: Uint8Array) => void (socket.writable && socket.write(bytes));
    const slave = createScriptedSlave({ clock, random: () => random.next(), misbehaviour, send });
    socket.on('data', slave.request);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

export interface LateReplies {
  readonly own: LateReplyFigures;
  readonly ownOverTcp: LateReplyFigures;
  readonly library: LateReplyFigures;
}

/** `reads` in memory, and a tenth of them over TCP with both clients. */
export async function runLateReplies({ reads = 10_000, seed = 1100 } = {}): Promise<LateReplies> {
  const options = { reads, seed, misbehaviour: MISBEHAVIOUR };
  const few = { ...options, reads: Math.ceil(reads / 10) };
  return {
    own: await ownClientInMemory(options),
    ownOverTcp: await ownClientOverTcp(few),
    library: await libraryOverTcp(few),
  };
}

if (import.meta.main) {
  const figures = await runLateReplies();
  for (const [name, row] of Object.entries(figures)) console.log(name, JSON.stringify(row));
  const wrongRegister = figures.own.wrong + figures.ownOverTcp.wrong;
  console.log(
    JSON.stringify({ bench: 'late-replies', wrongRegister, wrongRegisterLibrary: figures.library.wrong }),
  );
}
