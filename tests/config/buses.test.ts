import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSite } from '../../src/config/load-site.ts';
import { edit, PROFILES, problemsAfter, SOUND, withCopy } from './edited-site.ts';

const CASE = '    address: { host: 127.0.0.1, port: 5020, unit: 1 }\n';
const LINE = 'schema: 1\nlines: { bus-1: { port: /dev/ttyUSB0, baud: 19200, parity: even } }';

describe('Modbus devices on a serial line', () => {
  it('have the line of the site in their address', () => {
    withCopy(SOUND, folder => {
      const file = join(folder, 'site.yaml');
      edit(file, 'schema: 1', LINE);
      edit(file, CASE, '    address: { line: bus-1, unit: 7 }\n');
      const { site, problems } = loadSite(folder, PROFILES);
      expect(problems).toEqual([]);
      expect(site?.devices.get('case-1')?.address).toEqual({
        protocol: 'modbus',
        unit: 7,
        line: { name: 'bus-1', port: '/dev/ttyUSB0', baud: 19_200, parity: 'even', stop: 1 },
      });
    });
  });

  const withLine = (address: string, lines = LINE, more = '') =>
    withCopy(SOUND, folder => {
      const file = join(folder, 'site.yaml');
      edit(file, 'schema: 1', lines);
      edit(file, CASE, `    address: ${address}\n${more}`);
      return loadSite(folder, PROFILES).problems.map(({ what, mend }) => `${what}; ${mend}`);
    });

  it.each<[string, string[], string]>([
    [
      'a line that is not there',
      withLine('{ line: bus-2, unit: 1 }'),
      'there is no line "bus-2"; did you mean bus-1?',
    ],
    [
      'two devices of one number',
      withLine(
        '{ line: bus-1, unit: 7 }',
        LINE,
        '    bind: { unit: one, temperatureClass: chilled }\n  - id: case-9\n    profile: danfoss-ekc-202d\n    address: { line: bus-1, unit: 7 }\n',
      ),
      'Modbus unit 7 at line bus-1 is already used by device case-1; give each device its own',
    ],
    [
      'one port for two lines',
      withLine(
        '{ line: bus-1, unit: 7 }',
        'schema: 1\nlines: { bus-1: { port: /dev/ttyUSB0 }, bus-2: { port: /dev/ttyUSB0 } }',
      ),
      'the line bus-1 has the port /dev/ttyUSB0 already; put the devices of both on one line',
    ],
    [
      'a speed that no modem has',
      withLine('{ line: bus-1, unit: 7 }', 'schema: 1\nlines: { bus-1: { port: /dev/ttyUSB0, baud: 96 } }'),
      'lines.bus-1.baud is 96, out of range; write a whole number from 300 to 921600',
    ],
  ])('%s', (_what, problems, expected) => {
    expect(problems).toContain(expected);
  });

  it('run at a speed that the model can be set to', () => {
    withCopy(SOUND, folder => {
      const file = join(folder, 'site.yaml');
      edit(file, 'schema: 1', LINE);
      edit(file, 'profile: danfoss-ekc-202d', 'profile: dixell-xr-cx');
      edit(file, CASE, '    address: { line: bus-1, unit: 7 }\n');
      const { problems } = loadSite(folder, PROFILES);
      expect(problems.map(({ what, mend }) => `${what}; ${mend}`)).toContain(
        'the line bus-1 runs at 19200 baud, which dixell-xr-cx cannot; set the line and its devices to 9600',
      );
    });
  });
});

it('one TCP connection carries one kind of frame', () => {
  const twin = `${CASE}    bind: { unit: one, temperatureClass: chilled }
  - id: case-2
    profile: danfoss-ekc-202d
    address: { host: 127.0.0.1, port: 5020, unit: 2, framing: rtu }
`;
  expect(problemsAfter('site.yaml', CASE, twin)).toContainEqual(
    expect.stringContaining('127.0.0.1:5020 cannot speak rtu: it speaks mbap with case-1'),
  );
});
