import { afterEach, expect, test } from 'vitest';
import { tryDevice } from '../../../src/cli/device-try.ts';
import { readModbusAddress } from '../../../src/cli/modbus-address.ts';
import { listen } from './bus-fixtures.ts';
import { type RtuSlave, rtuSlave } from './rtu-slave.ts';

let slave: RtuSlave | null = null;
afterEach(() => slave?.close());

test('trying a device prints every point with its raw words', async () => {
  const registers = { 'holding:2575': 65349, 'holding:1010': 41, 'holding:2545': 65336, 'holding:1035': 1 };
  slave = await rtuSlave(new Map([[3, { registers: new Map(Object.entries(registers)) }]]));
  const printed: string[] = [];
  const at = `host=127.0.0.1,port=${slave.port},unit=3,framing=rtu`;
  const print = (line: string) => void printed.push(line);
  const exit = await tryDevice('danfoss-ekc-202d', { at, json: false, print, ...listen().context });
  expect(exit).toBe(1);
  expect(printed).toContain('air_temperature         holding 2575    ff45           -18.7');
  expect(printed).toContain('fan                     holding 2510    refused        no value (bad: device)');
  expect(printed.at(-1)).toMatch(/^danfoss-ekc-202d: \d+ requests, answers after [\d.]+ ms$/);
});

test.each<[string, object]>([
  ['host=10.0.0.9,unit=3', { host: '10.0.0.9', port: 502, unit: 3, framing: 'mbap' }],
  ['host=10.0.0.9,port=4001,framing=rtu', { host: '10.0.0.9', port: 4001, unit: 1, framing: 'rtu' }],
  [
    'port=/dev/ttyUSB0,unit=9,baud=19200,parity=even',
    { line: { name: '/dev/ttyUSB0', port: '/dev/ttyUSB0', baud: 19200, parity: 'even', stop: 1 }, unit: 9 },
  ],
])('an address is read from %s', (text, address) => {
  expect(readModbusAddress(text, '--at')).toEqual(address);
});

test.each([
  ['unit=3', '--at: give host=10.0.0.9,unit=3 or port=/dev/ttyUSB0,baud=9600,unit=3'],
  ['host=a,unit=300', '--at unit is 300; give a whole number from 1 to 247'],
  ['host=a,baud=9600', '--at: there is no baud; it knows host, port, unit, framing'],
  ['port=/dev/ttyUSB0,parity=odds', '--at parity is odds; give none or even or odd'],
])('a mistake in %s is explained', (text, message) => {
  expect(() => readModbusAddress(text, '--at')).toThrow(message);
});
