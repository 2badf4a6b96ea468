import type { ModbusAddress } from '../../config/site.ts';
import type { BusTransport } from '../../readings/bus-budget.ts';
import type { Clock } from '../../shared/clock.ts';
import type { BusSettings } from './bus.ts';
import { mbapFraming, rtuFraming } from './framing.ts';
import { dialSerial } from './serial-wire.ts';
import { dialTcp } from './tcp-wire.ts';

/** A physical line, or the connection that stands for one: what may carry one request at a time. */
export interface Line {
  /** Devices with the same key share the line. */
  readonly key: string;
  readonly transport: BusTransport;
  readonly baud: number | null;
  settings(clock: Clock, pauseAfterConnectMs: number): BusSettings;
}

const BITS_PER_CHARACTER = 11;
const GUARD_CHARACTERS = 3.5;
// The guide fixes the guard at 1.75 ms above 19,200 baud (Modbus over Serial Line V1.02, section 2.5.1.1).
const FAST_BAUD = 19_200;
const FAST_GUARD_MS = 1.75;
/** A network may hold up the rest of a frame for longer than a serial adapter does. */
const QUIET_MS = { serial: 30, 'rtu-tcp': 60, tcp: 0 } as const;
const TIMEOUTS_UNTIL_RECONNECT = 3;
// Behind a serial gateway the line's speed is not known; most run at 9,600.
const UNKNOWN_BAUD = 9_600;

export function lineOf(address: ModbusAddress): Line {
  if ('line' in address) {
    const { name, port: path, baud, parity, stop: stopBits } = address.line;
    return line(name, 'serial', baud, () => dialSerial({ path, baud, parity, stopBits }));
  }
  const { host, port, framing = 'mbap' } = address;
  const transport = framing === 'rtu' ? 'rtu-tcp' : 'tcp';
  return line(`${host}:${port}`, transport, null, clock => dialTcp(host, port, clock));
}

function line(
  key: string,
  transport: BusTransport,
  baud: number | null,
  dial: (clock: Clock) => BusSettings['dial'],
): Line {
  return {
    key,
    transport,
    baud,
    settings: (clock, pauseAfterConnectMs) => ({
      bus: key,
      dial: dial(clock),
      framing: transport === 'tcp' ? mbapFraming() : rtuFraming(),
      guardMs: transport === 'tcp' ? 0 : guardMs(baud ?? UNKNOWN_BAUD),
      quietMs: QUIET_MS[transport],
      characterMs: baud === null ? 0 : characterMs(baud),
      pauseAfterConnectMs,
      timeoutsUntilReconnect: TIMEOUTS_UNTIL_RECONNECT,
    }),
  };
}

/** Silence between two frames. */
export const guardMs = (baud: number): number =>
  baud > FAST_BAUD ? FAST_GUARD_MS : GUARD_CHARACTERS * characterMs(baud);

/** Time that one byte takes on a serial line. */
export const characterMs = (baud: number): number => (BITS_PER_CHARACTER * 1000) / baud;
