import type { SerialPort } from 'serialport';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { Dial, Wire, WireEvents } from './wire.ts';

export interface SerialSettings {
  /** Such as /dev/ttyUSB0. */
  readonly path: string;
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
}

/** The package is loaded with the first line, so that a store without one carries no native code for it. */
export function dialSerial({ path, baud, parity, stopBits }: SerialSettings): Dial {
  return async (events, signal) => {
    const loaded = await import('serialport').catch(() => null);
    if (!loaded) return fail('unsupported', 'the serial port driver is not installed for this machine');
    if (signal.aborted) return fail('comms', 'the line is closing', true);
    const port = new loaded.SerialPort({
      path,
      baudRate: baud,
      dataBits: 8,
      parity,
      stopBits,
      autoOpen: false,
    });
    return openPort(port, events, signal);
  };
}

function openPort(port: SerialPort, events: WireEvents, signal: AbortSignal): Promise<Result<Wire>> {
  let isOurs = true;
  const wire: Wire = {
    write: bytes => void port.write(Buffer.from(bytes)),
    close() {
      isOurs = false;
      // A port that is gone already has nothing left to close.
      if (port.isOpen) port.close(() => {});
    },
  };
  port.on('data', (chunk: Buffer) => isOurs && events.data(chunk));
  port.on('close', () => isOurs && events.closed());
  port.on('error', () => isOurs && events.closed());
  return new Promise(resolve => {
    port.open(error => {
      if (error) return resolve(fail('comms', error.message, true));
      if (signal.aborted) {
        wire.close();
        return resolve(fail('comms', 'the line is closing', true));
      }
      // What stood in the system's buffer was an answer to somebody else.
      port.flush(() => resolve(ok(wire)));
    });
  });
}
