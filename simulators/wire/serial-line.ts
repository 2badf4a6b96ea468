import { createModbusLine, type LineOptions } from './modbus-line.ts';

export type Parity = 'none' | 'even' | 'odd';

export interface SerialLineOptions extends LineOptions {
  /** Our end of the line: a serial port, or one end of a pair of pseudo-terminals. */
  readonly path: string;
  readonly baud: number;
  readonly parity: Parity;
  readonly stopBits: 1 | 2;
}

export interface SerialLine {
  stop(): Promise<void>;
}

/** Silence after which an unfinished request is given up: far above the pauses that a busy machine makes. */
const QUIET_MS = 200;

/** Puts units on a serial line. Rejects with one sentence when the port cannot be opened. */
export async function startSerialLine(options: SerialLineOptions): Promise<SerialLine> {
  const { path, baud, parity, stopBits, framing, clock } = options;
  // Only this command needs the native binding.
  const { SerialPort } = await import('serialport');
  const port = new SerialPort({ path, baudRate: baud, parity, stopBits, dataBits: 8, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open(error => {
      if (error) reject(new Error(`Modbus simulator cannot open ${path}: ${error.message}`));
      else resolve();
    });
  });
  const line = createModbusLine(options);
  const reader = framing.createReader();
  let lastMs = clock.monotonicMs();
  port.on('data', (chunk: Buffer) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - lastMs > QUIET_MS) reader.forget();
    lastMs = nowMs;
    for (const request of reader.push(chunk) ?? []) line.ask(request, bytes => void port.write(bytes));
  });
  // A line that is unplugged ends the answers, not the simulator.
  port.on('error', () => {});
  return {
    stop: () =>
      new Promise(resolve => {
        line.stop();
        if (!port.isOpen) return resolve();
        port.close(() => resolve());
      }),
  };
}
