import { describe, expect, test } from 'vitest';
import { pairs } from '../../src/cli/adopt.ts';
import { askGateway } from '../../src/cli/ask-gateway.ts';
import { showBuses } from '../../src/cli/bus.ts';
import { unitList } from '../../src/cli/discover.ts';
import type { BusBudget } from '../../src/readings/bus-budget.ts';
import { apiFixture } from '../api/api-fixture.ts';
import { freePorts } from '../support/free-ports.ts';

describe('aisle bus', () => {
  async function lines(http: string | null, json = false): Promise<string[]> {
    const printed: string[] = [];
    await showBuses('edge-config/demo', { http, json, print: line => void printed.push(line) });
    return printed;
  }

  test('estimates each line of a site without asking anybody', async () => {
    const printed = await lines(null);
    expect(printed[0]).toBe('127.0.0.1:5020: tcp, estimated');
    expect(printed.join('\n')).toMatch(/\d+ % used; everything once in .*, asked for every/);
    expect(printed.filter(line => /dairy-case|freezer-case/.test(line))).toHaveLength(2);
    expect(printed.join('\n')).not.toMatch(/offline|not answer/);
  });

  test('tells what a running gateway measured: who is dead, and that the others are read', async () => {
    const { app } = await apiFixture();
    const base = await app.listen({ host: '127.0.0.1', port: 0 });
    try {
      const printed = (await lines(base)).join('\n');
      expect(printed).toContain('cold-room-line: serial, 19200 baud, measured');
      expect(printed).toContain('10 of 32 devices do not answer');
      expect(printed).toMatch(/case-02 +unit 2 .*offline .*no answer within 180 ms/);
      const [data] = await lines(base, true);
      expect((JSON.parse(data!) as { buses: BusBudget[] }).buses[0]!.devices).toHaveLength(32);
    } finally {
      await app.close();
    }
  });
});

test('a gateway that is not there is told with what to do', async () => {
  const [port] = (await freePorts(1)) as [number];
  await expect(askGateway(String(port), '/buses')).rejects.toThrow(
    `no gateway answers at http://127.0.0.1:${port}; start it with "aisle run", or correct --http`,
  );
});

test.each([
  ['1-3', [1, 2, 3]],
  ['7', [7]],
  ['1-2,2,40', [1, 2, 40]],
])('--units %s means %j', (text, units) => {
  expect(unitList(text)).toEqual(units);
});

test.each(['0', '5-2', '1-300', 'all', ''])('--units %j is refused', text => {
  expect(() => unitList(text)).toThrow('give units from 1 to 247');
});

test('pairs are read with numbers as numbers, and text as it stands', () => {
  expect(pairs('endpoint=opc.tcp://10.0.0.7:4840,unit=3', '--address')).toEqual({
    endpoint: 'opc.tcp://10.0.0.7:4840',
    unit: 3,
  });
  expect(() => pairs('unit', '--address')).toThrow('--address "unit": write key=value');
});
