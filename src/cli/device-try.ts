import type { DeviceProfile } from '../config/profile-schema.ts';
import { type OnceRead, readOnce } from '../drivers/modbus/read-once.ts';
import type { Clock } from '../shared/clock.ts';
import { createCounters } from '../shared/counters.ts';
import type { Log } from '../shared/log.ts';
import { profileNamed } from './device-check.ts';
import { readModbusAddress } from './modbus-address.ts';

export interface TryOptions {
  /** Where the device is, as `readModbusAddress` reads it. */
  readonly at: string;
  readonly json: boolean;
  readonly print: (line: string) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

/**
 * Reads a real device once and prints every point with its raw words, so that they can be compared with the manual and
 * the display. Reads only. Returns the exit code: 0 when the device answered and refused nothing.
 */
export async function tryDevice(name: string, options: TryOptions): Promise<0 | 1> {
  const profile = profileNamed(name);
  if (profile.protocol !== 'modbus') {
    throw new Error(`device try reads Modbus devices; ${profile.id} speaks ${profile.protocol} by itself`);
  }
  const address = readModbusAddress(options.at, '--at', profile);
  const { clock, log, random, print } = options;
  const read = await readOnce(profile, address, { clock, log, random, counters: createCounters() });
  if (options.json) print(JSON.stringify({ profile: profile.id, ...read }));
  else for (const line of report(profile, read)) print(line);
  return read.answered && read.troubles.length === 0 ? 0 : 1;
}

function* report(profile: DeviceProfile, read: OnceRead): Generator<string> {
  const width = Math.max(12, ...read.raw.map(({ point }) => point.length));
  const values = new Map<string, string>(read.values.map(value => [value.point, words(value)]));
  for (const { point, table, address, words: raw } of read.raw) {
    const cells = raw?.map(word => hex(word, table)).join(' ') ?? 'refused';
    yield `${point.padEnd(width)}  ${`${table} ${address}`.padEnd(14)}  ${cells.padEnd(13)}  ${values.get(point) ?? 'for other points'}`;
    values.delete(point);
  }
  for (const [point, value] of values) yield `${point.padEnd(width)}  ${'derived'.padEnd(29)}  ${value}`;
  for (const trouble of read.troubles) yield trouble;
  const time = read.roundTripMs === null ? 'nobody answered' : `answers after ${read.roundTripMs} ms`;
  yield `${profile.id}: ${read.requests} ${read.requests === 1 ? 'request' : 'requests'}, ${time}`;
}

const hex = (word: number, table: string): string =>
  table === 'holding' || table === 'input' ? word.toString(16).padStart(4, '0') : String(word);

const words = ({ value, quality }: OnceRead['values'][number]): string =>
  quality.level === 'good' ? String(value) : `${value ?? 'no value'} (${quality.level}: ${quality.reason})`;
