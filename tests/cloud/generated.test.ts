import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/shared/package-root.ts';

const root = packageRoot();
const fresh = mkdtempSync(join(tmpdir(), 'aisle-proto-'));
afterAll(() => rmSync(fresh, { recursive: true }));

const buf = (...args: readonly string[]) =>
  execFileSync(join(root, 'node_modules/.bin/buf'), args, {
    cwd: root,
    env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` },
    stdio: 'pipe',
  });

const sources = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .map(name => [name, readFileSync(join(folder, name), 'utf8')]),
  );

it.each([
  ['proto/aisle', 'proto/buf.gen.yaml', 'src/cloud/gen'],
  ['proto/sparkplug', 'proto/buf.gen.sparkplug.yaml', 'src/drivers/sparkplug/gen'],
])('the generated code is what %s generates', (path, template, folder) => {
  buf('generate', 'proto', '--template', template, '--path', path, '--output', fresh);
  expect(sources(join(root, folder))).toEqual(sources(join(fresh, folder)));
});

it('the contract keeps the rules for public APIs', () => {
  expect(() => buf('lint', 'proto')).not.toThrow();
});

it('whoever was built against the released contract can still be talked to', () => {
  expect(() => buf('breaking', 'proto', '--against', 'proto/released.binpb')).not.toThrow();
});
