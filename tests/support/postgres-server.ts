import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { has } from './needs.ts';
import { runProgram } from './program.ts';

const PROGRAMS = '/usr/lib/postgresql/15/bin';
const OWNER_HOME = '/var/lib/postgresql';

/** Whether Debian's PostgreSQL 15 can be run here; says loudly when it cannot. */
export const hasPostgres = (): boolean =>
  has(join(PROGRAMS, 'initdb'), 'postgresql-15') &&
  (process.getuid?.() !== 0 ||
    (existsSync(OWNER_HOME) && spawnSync('runuser', ['-u', 'postgres', 'true']).status === 0));

export type PostgresServer = Awaited<ReturnType<typeof privateServer>>;

/**
 * A PostgreSQL server of its own, in a temporary folder on a free port, with its default durability. It refuses to run as root, so
 * there it runs as its Debian user. `settings` are lines of postgresql.conf, such as `shared_buffers=512MB`.
 */
export async function privateServer(settings: readonly string[] = []) {
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
  const all = ['listen_addresses=127.0.0.1', 'fsync=on', ...settings].map(setting => `-c ${setting}`);
  const server = `-p ${port} -k ${folder} ${all.join(' ')}`;
  // pg_ctl leaves the server with its own output streams, so that goes to a file.
  const log = join(folder, 'server.log');
  await run('initdb', '-D', cluster, '-U', 'aisle', '-A', 'trust', '--no-sync');
  const start = () => run('pg_ctl', '-D', cluster, '-w', '-l', log, '-o', server, 'start');
  await start();
  await run('createdb', '-h', folder, '-p', String(port), '-U', 'aisle', 'aisle');
  const stop = (mode: 'fast' | 'immediate') => run('pg_ctl', '-D', cluster, '-w', '-m', mode, 'stop');
  return {
    url: `postgres://aisle@127.0.0.1:${port}/aisle`,
    /** Of its first process, the parent of the others. */
    pid: Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]),
    start,
    stop,
    async remove() {
      await stop('immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
