import type { DeviceProfile } from '../config/profile-schema.ts';
import type { ModbusAddress } from '../config/site.ts';
import { pairs } from './adopt.ts';

const TCP_KEYS = ['host', 'port', 'unit', 'framing'];
const SERIAL_KEYS = ['port', 'unit', 'baud', 'parity', 'stop'];
const MODBUS_TCP_PORT = 502;
const USUAL_BAUD = 9_600;

/**
 * `host=10.0.0.9,port=502,unit=3`, with `framing=rtu` behind a transparent gateway, or
 * `port=/dev/ttyUSB0,baud=9600,parity=none,stop=1,unit=3`. Unit 1 where none is given; the speed of a serial port is
 * the model's own by default. Throws one sentence for what is no address.
 */
export function readModbusAddress(text: string, flag: string, profile?: DeviceProfile): ModbusAddress {
  const given = pairs(text, flag);
  const isTcp = given.host !== undefined;
  const known = isTcp ? TCP_KEYS : SERIAL_KEYS;
  const wrong = Object.keys(given).find(key => !known.includes(key));
  if (wrong !== undefined) throw new Error(`${flag}: there is no ${wrong}; it knows ${known.join(', ')}`);
  const unit = wholeNumber(given.unit ?? 1, 1, 247, `${flag} unit`);
  if (isTcp) {
    const framing = choice(given.framing ?? 'mbap', ['mbap', 'rtu'] as const, `${flag} framing`);
    const port = wholeNumber(given.port ?? MODBUS_TCP_PORT, 1, 65_535, `${flag} port`);
    return { host: String(given.host), port, unit, framing };
  }
  const { port } = given;
  if (typeof port !== 'string') {
    throw new Error(`${flag}: give host=10.0.0.9,unit=3 or port=/dev/ttyUSB0,baud=9600,unit=3`);
  }
  const serial = profile?.modbus?.serial;
  const baud = wholeNumber(given.baud ?? serial?.baud[0] ?? USUAL_BAUD, 300, 921_600, `${flag} baud`);
  const parities = ['none', 'even', 'odd'] as const;
  const parity = choice(given.parity ?? serial?.parity ?? 'none', parities, `${flag} parity`);
  const stop = choice(given.stop ?? serial?.stop ?? 1, [1, 2] as const, `${flag} stop`);
  return { line: { name: port, port, baud, parity, stop }, unit };
}

function wholeNumber(value: string | number, least: number, most: number, what: string): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new Error(`${what} is ${value}; give a whole number from ${least} to ${most}`);
}

function choice<const T extends string | number>(
  value: string | number,
  choices: readonly T[],
  what: string,
): T {
  const found = choices.find(each => each === value);
  if (found === undefined) throw new Error(`${what} is ${value}; give ${choices.join(' or ')}`);
  return found;
}
