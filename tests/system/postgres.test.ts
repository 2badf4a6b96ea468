import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AisleProcess } from '../support/aisle-process.ts';
import { freePorts } from '../support/free-ports.ts';
import { askHub, closeShop, inStep, opened } from '../support/hub-books.ts';
import { has } from '../support/needs.ts';
import { runProgram } from '../support/program.ts';
import { type WholeStore, wholeStore } from '../support/whole-store.ts';

const PROGRAMS = '/usr/lib/postgresql/15/bin';
const OWNER_HOME = '/var/lib/postgresql';

/** A PostgreSQL server of this test alone. It refuses to run as root, so there it runs as its Debian user. */
async function privateServer() {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-postgres-'));
  const [port] = (await freePorts(1)) as [number];
  const asRoot = process.getuid?.() === 0;
  if (asRoot) chownSync(folder, statSync(OWNER_HOME).uid, statSync(OWNER_HOME).gid);
  const run = (program: string, ...args: string[]) => {
    const command = [join(PROGRAMS, program), ...args];
    const as = asRoot ? ['runuser', '-u', 'postgres', '--', ...command] : command;
    return runProgram(as[0]!, as.slice(1), { cwd: folder });
  };
  const cluster = join(folder, 'cluster');
  const server = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=on`;
  // pg_ctl leaves the server with its own output streams, so that goes to a file.
  const log = join(folder, 'server.log');
  await run('initdb', '-D', cluster, '-U', 'aisle', '-A', 'trust', '--no-sync');
  const start = () => run('pg_ctl', '-D', cluster, '-w', '-l', log, '-o', server, 'start');
  await start();
  await run('createdb', '-h', folder, '-p', String(port), '-U', 'aisle', 'aisle');
  const stop = (mode: 'fast' | 'immediate') => run('pg_ctl', '-D', cluster, '-w', '-m', mode, 'stop');
  return {
    url: `postgres://aisle@127.0.0.1:${port}/aisle`,
    start,
    stop,
    async remove() {
      await stop('immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const isHere =
  has(join(PROGRAMS, 'initdb'), 'postgresql-15') &&
  (process.getuid?.() !== 0 ||
    (existsSync(OWNER_HOME) && spawnSync('runuser', ['-u', 'postgres', 'true']).status === 0));

describe.skipIf(!isHere)('the hub on PostgreSQL', () => {
  let server: Awaited<ReturnType<typeof privateServer>>;
  let store: WholeStore;
  let hub: AisleProcess;
  let simulator: AisleProcess;

  beforeAll(async () => {
    server = await privateServer();
    store = await wholeStore();
    hub = await store.hub('--postgres', server.url);
    await store.gateway();
    simulator = await store.simulator(20);
    await opened(store);
  });
  afterAll(async () => {
    try {
      await store?.end(/store stream failed/);
    } finally {
      await server?.remove();
    }
  });

  it('survives a restart of the database server and then holds the same books as the store', async () => {
    await inStep(store);
    await server.stop('fast');
    await server.start();
    await closeShop(store, simulator);
    const { hub: told, books } = await inStep(store, 60_000);
    expect(told.books).toEqual(books);
    expect(Object.keys(books).length).toBeGreaterThan(50);
    expect(told.store.eventCount).toBe(told.store.lastSeq);
    expect(told.store.quarantinedCount).toBe(0n);
  });

  it('a new hub process on the same database knows them too', async () => {
    const before = await askHub(store.ports.hub);
    expect(await hub.stop()).toBe(0);
    await store.hub('--postgres', server.url);
    const after = await askHub(store.ports.hub);
    expect(after.store.eventCount).toBeGreaterThanOrEqual(before.store.eventCount);
    expect(after.books).toEqual(before.books);
  });
});
