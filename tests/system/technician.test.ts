import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceView } from '../../src/store/views.ts';
import { type AisleProcess, startAisle } from '../support/aisle-process.ts';
import { freePorts } from '../support/free-ports.ts';
import { getJson, postJson } from '../support/json-http.ts';
import { has } from '../support/needs.ts';
import { runProgram } from '../support/program.ts';
import { type PtyPair, ptyPair } from '../support/pty-pair.ts';
import { siteCopy } from '../support/site-copy.ts';
import { waitFor } from '../support/wait-for.ts';

const guide = readFileSync('docs/technician.md', 'utf8');
const tools = has('mbpoll', 'mbpoll') && has('socat', 'socat');

/** A command of the guide as a list of words, with other ports and paths in place of the printed ones. */
function fromGuide(begin: string, replace: Readonly<Record<string, string>>): string[] {
  const line = guide.split('\n').find(text => text.trim().startsWith(begin));
  if (line === undefined) throw new Error(`docs/technician.md has no command "${begin}"`);
  return line
    .trim()
    .split(/\s+/)
    .map(word => replace[word] ?? word);
}

describe.skipIf(!tools)('what the technician’s guide says about devices that have not come yet', () => {
  let device: AisleProcess;
  let pair: PtyPair | null = null;
  afterEach(async () => {
    await device?.stop();
    await pair?.remove();
    pair = null;
  });

  it('a controller on Modbus TCP is read with mbpoll, and made to fail', async () => {
    const [modbus, console] = (await freePorts(2)) as [number, number];
    const ports = { 5020: String(modbus), 8081: String(console) };
    const [, ...simulate] = fromGuide('aisle simulate --profile danfoss-ekc-202d', ports);
    device = await startAisle([...simulate, '--console', ports[8081]]);
    const [program, ...args] = fromGuide('mbpoll -m tcp', ports);
    expect(await runProgram(program!, args)).toMatch(/^\[2575\]:\s+\d+/m);
    await postJson(`http://127.0.0.1:${console}/faults`, {
      ...{ device: 'danfoss-ekc-202d', fault: 'failing', on: true },
    });
    await expect(runProgram(program!, args)).rejects.toThrow(/Slave device or server failure/);
  });

  it('a meter on a serial line shows its golden frame to mbpoll and to aisle device try', async () => {
    const [console] = (await freePorts(1)) as [number];
    pair = await ptyPair();
    const ends = { '/tmp/line-device': pair.far, '/tmp/line-gateway': pair.near };
    const [, ...simulate] = fromGuide('aisle simulate --profile eastron-sdm120 --pty', ends);
    device = await startAisle([...simulate, '--console', String(console)]);
    const [program, ...args] = fromGuide('mbpoll -m rtu', ends);
    const printed = await runProgram(program!, args);
    const at = fromGuide('aisle device try eastron-sdm120', {});
    const tried = await runProgram(process.execPath, [
      'src/aisle.js',
      ...at.slice(1).map(word => word.replace('/tmp/line-gateway', pair!.near)),
    ]);
    const volts = /^\[0\]:\s+([\d.]+)/m.exec(printed)![1];
    expect(tried).toContain(`${Number(volts)}`);
  });

  it('a site with a serial line is simulated on it and read from it', async () => {
    const copy = await siteCopy('minimal', [8080, 1883, 8081]);
    pair = await ptyPair();
    const file = join(copy.site, 'site.yaml');
    const added = `lines: { cold: { port: ${pair.near}, baud: 19200, parity: even } }
listen: { http: ${copy.port(8080)} }
mqtt: { port: ${copy.port(1883)} }
devices:
  - id: meat-case
    profile: danfoss-ak-cc55
    address: { line: cold, unit: 4 }
    bind: { unit: Meat case, temperatureClass: chilled }
`;
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^devices:.*\n/m, added));
    const gateway = await startAisle(['run', copy.site, '--data', join(copy.folder, 'data')]);
    try {
      const console = String(copy.port(8081));
      device = await startAisle(['simulate', copy.site, '--lines', `cold=${pair.far}`, '--console', console]);
      const url = `http://127.0.0.1:${copy.port(8080)}/api/v1/devices`;
      const meatCase = async () =>
        (await getJson<DeviceView[]>(url)).find(({ device: id }) => id === 'meat-case')!;
      await waitFor('it is read', async () => (await meatCase()).state === 'online', 30_000);
      const { values } = await meatCase();
      const air = values.find(({ point }) => point === 'air_temperature')?.value;
      expect(Number(air)).toBeGreaterThan(-5);
      expect(Number(air)).toBeLessThan(15);
    } finally {
      await gateway.stop();
      copy.remove();
    }
  });
});
