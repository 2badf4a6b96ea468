import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAisle } from '../support/aisle-process.ts';
import { type DemoSite, demoSite } from '../support/demo-site.ts';
import { startProgram } from '../support/program.ts';

/** Gives an old Node's version to whatever this Node runs. */
const AS_NODE_20 =
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.0"}})';

/** Runs the launcher to its end, and returns its exit code and the lines that it printed. */
async function aisle(args: readonly string[], node: readonly string[] = []) {
  const program = startProgram(process.execPath, [...node, 'src/aisle.js', ...args]);
  const code = await program.ended;
  return { code, lines: program.output().trimEnd().split('\n') };
}

describe('a start that cannot be ends with one clear message', () => {
  let demo: DemoSite;
  const taken: Server[] = [];
  const take = (port: number) =>
    new Promise<void>(resolve => {
      taken.push(createServer().listen(port, '127.0.0.1', resolve));
    });
  const run = (...more: string[]) => aisle(['run', demo.site, '--data', join(demo.folder, 'data'), ...more]);

  beforeAll(async () => {
    demo = await demoSite();
    // A folder that is a file: not even root can write below it.
    writeFileSync(join(demo.folder, 'file'), '');
  });
  afterAll(() => {
    for (const server of taken) server.close();
    demo.remove();
  });

  it('when the HTTP port is taken', async () => {
    await take(demo.ports.http);
    const { code, lines } = await run();
    expect(lines).toEqual([expect.stringMatching(`^aisle: .*HTTP port ${demo.ports.http} .*in use.*--http`)]);
    expect(code).toBe(1);
  });

  it('when the MQTT port is taken', async () => {
    await take(demo.ports.mqtt);
    const { code, lines } = await run('--http', '0');
    expect(lines).toEqual([expect.stringMatching(`^aisle: .*${demo.ports.mqtt}.*in use.*--mqtt`)]);
    expect(code).toBe(1);
  });

  it('when the data folder cannot be written', async () => {
    const folder = join(demo.folder, 'file', 'data');
    const { code, lines } = await aisle(['run', demo.site, '--data', folder]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^aisle: /);
    expect(lines[0]).toContain(folder);
    expect(code).toBe(1);
  });

  it.each(['hub', 'simulate'])('when a port of %s is taken', async command => {
    const port = String(demo.ports.http);
    const args = {
      hub: ['hub', '--grpc', port, '--data', join(demo.folder, 'hub')],
      simulate: ['simulate', demo.site, '--console', port],
    }[command]!;
    const { code, lines } = await aisle(args);
    expect(lines).toEqual([expect.stringMatching(`^aisle: .*${port}`)]);
    expect(code).toBe(1);
  });

  it('when the site is broken: every mistake at once, each with its place', async () => {
    const broken = await demoSite(yaml =>
      yaml
        .replace('"9521321000018"', '"9521321000019"')
        .replace('profile: walk-in-room', 'profile: walk-in-rom'),
    );
    const { code, lines } = await aisle(['run', broken.site, '--data', join(broken.folder, 'data')]);
    broken.remove();
    expect(lines[0]).toMatch(/^aisle: .* has 2 mistakes, so nothing was started:$/);
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/site\.yaml:\d+:\d+: .*9521321000019/),
      expect.stringMatching(/site\.yaml:\d+:\d+: .*walk-in-rom.*walk-in-room/),
    ]);
    expect(code).toBe(1);
  });

  it('when the site is not there', async () => {
    const { code, lines } = await aisle(['run', join(demo.folder, 'nowhere')]);
    expect(lines.join('\n')).toMatch(/nowhere/);
    expect(lines.join('\n')).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
  });

  it.each([
    ['an unknown option', ['run', 'edge-config/demo', '--colour', 'red'], /colour/],
    ['an unknown command', ['fly'], /unknown command "fly"/],
    ['no site', ['run'], /site/],
    ['a port that is none', ['run', 'edge-config/demo', '--http', 'eighty'], /--http eighty/],
    ['two databases', ['hub', '--data', 'x', '--postgres', 'postgres://y'], /exclude each other/],
  ])('with exit code 2 for %s', async (_, args, words) => {
    const { code, lines } = await aisle(args);
    expect(lines).toEqual([expect.stringMatching(/^aisle: /)]);
    expect(lines[0]).toMatch(words);
    expect(code).toBe(2);
  });

  it('when Node is too old', async () => {
    const { code, lines } = await aisle(['--version'], ['--import', AS_NODE_20]);
    expect(lines).toEqual([
      expect.stringMatching(/^Aisle needs Node 24 .*this is Node 20\.19\.0; .*npm start/),
    ]);
    expect(code).toBe(1);
  });

  it('and leaves nothing behind that a second start would trip over', async () => {
    for (const server of taken.splice(0)) await new Promise(resolve => server.close(resolve));
    const gateway = await startAisle(['run', demo.site, '--data', join(demo.folder, 'data')]);
    expect(await gateway.stop()).toBe(0);
  });
});
