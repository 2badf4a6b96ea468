import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDevice, listDevices } from '../../src/cli/device-check.ts';
import { edit, PROFILES, withCopy } from '../config/edited-site.ts';

function run(tool: (options: { json: boolean; print: (line: string) => void }) => number, json = false) {
  const lines: string[] = [];
  const code = tool({ json, print: line => lines.push(line) });
  return { code, lines };
}

describe('aisle device check', () => {
  it('names the mistakes of a file with their places, and fails', () => {
    withCopy(PROFILES, folder => {
      const file = join(folder, 'cold/carel-ir33.yaml');
      edit(file, 'table: input, addr: 403', 'table: inputs, addr: 403');
      const { code, lines } = run(options => checkDevice(file, options));
      expect(code).toBe(1);
      expect(lines[0]).toMatch(
        /carel-ir33\.yaml:\d+:\d+: points\[0\]\.table is "inputs".*did you mean input\?/,
      );
    });
  });

  it('fails when a golden frame means something else, and says what', () => {
    withCopy(PROFILES, folder => {
      const file = join(folder, 'climate/xy-md02.yaml');
      edit(file, 'air_temperature: -18,', 'air_temperature: -19,');
      const { code, lines } = run(options => checkDevice(file, options));
      expect(code).toBe(1);
      expect(lines).toContain('  air_temperature is -18, the frame expects -19');
    });
  });

  it('fails without a golden frame', () => {
    withCopy(PROFILES, folder => {
      const file = join(folder, 'climate/bare.yaml');
      writeFileSync(
        file,
        [
          'schema: 1',
          'id: bare',
          'vendor: Test',
          'models: [Bare]',
          'kind: climate',
          'sources: [{ title: this test, trust: ours }]',
          'protocol: modbus',
          'modbus: {}',
          'points: [{ key: relative_humidity, table: input, addr: 1, type: u16 }]',
          'simulator: { model: climate }',
        ].join('\n'),
      );
      const { code, lines } = run(options => checkDevice(file, options));
      expect([code, lines.at(-1)]).toEqual([
        1,
        'there is no golden frame; add one from the manual or from a real device',
      ]);
    });
  });

  it('gives a machine the plan and the frames as one object', () => {
    const { code, lines } = run(options => checkDevice('laumas-tlb4', options), true);
    expect(code).toBe(0);
    expect(JSON.parse(lines.join(''))).toMatchObject({
      profile: 'laumas-tlb4',
      problems: [],
      plan: { groups: [{ requests: [{ table: 'holding', address: 6, count: 7, whole: true }] }] },
      ok: true,
    });
  });

  it('knows the nearest name of a profile that is not there', () => {
    expect(() => run(options => checkDevice('danfoss-ekc-202e', options))).toThrow(
      /did you mean danfoss-ekc-202/,
    );
  });
});

it('aisle device list has a line for each profile', () => {
  const { code, lines } = run(listDevices);
  expect(code).toBe(0);
  expect(lines).toContainEqual(expect.stringMatching(/^danfoss-ekc-202d +modbus +Danfoss EKC 202D$/));
  expect(lines.at(-1)).toBe(`${lines.length - 1} profiles`);
});
