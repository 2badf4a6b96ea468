import { join } from 'node:path';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { formatProblem } from '../config/problems.ts';
import { loadStorePlaces, type PlacedStore } from '../config/store-places.ts';
import { placeStores } from '../hub/candidates.ts';
import type { HubDatabase } from '../hub/database.ts';
import { createHub } from '../hub/hub.ts';
import { openAuthority } from '../hub/identity/authority.ts';
import { createRevocations } from '../hub/identity/revocations.ts';
import type { HubSecurity } from '../hub/identity/security.ts';
import { openPglite } from '../hub/pglite-database.ts';
import { openPostgres } from '../hub/postgres-database.ts';
import { limits } from '../shared/limits.ts';
import type { Log } from '../shared/log.ts';
import type { Environment, Running } from './environment.ts';

interface HubCommand {
  /** Folder of the embedded database; null keeps it in memory. */
  readonly data: string | null;
  /** URL of a PostgreSQL server instead. */
  readonly postgres: string | null;
  readonly host: string;
  readonly grpcPort: number;
  /** Folder of the chain's authority; null goes without certificates. */
  readonly authority: string | null;
  /** Names and addresses by which stores reach the hub. */
  readonly names: readonly string[];
  readonly enrolPort: number;
  /** Days that events are kept. */
  readonly keepDays?: number | undefined;
  /** Port of console, EPCIS and HTTP API; without it there are none. */
  readonly http?: number | undefined;
  /** The chain's list of stores; null leaves what is known of them. */
  readonly stores?: string | null;
}

/** Runs the reference cloud inventory until it is stopped. Rejects with one sentence when it cannot start. */
export async function runHub(
  options: HubCommand,
  { clock, log, print }: Pick<Environment, 'clock' | 'log' | 'print'>,
): Promise<Running & { readonly port: number }> {
  // Its own lines would stand beside ours, which say the same in a sentence.
  setLogVerbosity(logVerbosity.NONE);
  const places = options.stores ? storesOrExplain(options.stores) : [];
  const database = await openDatabase(options, log);
  const security = await securityOf(options, clock.nowMs);
  const { host, grpcPort, keepDays, http } = options;
  const hub = createHub({ database, host, port: grpcPort, http, security, keepDays, clock, log });
  try {
    await hub.start();
    await placeStores(database, places);
  } catch (error) {
    await database.close().catch(() => {});
    throw error;
  }
  print(`Cloud hub: gRPC on ${options.host}:${hub.port}, ${keptIn(options)}`);
  if (hub.httpPort !== null) {
    print(`Console: ${security.kind === 'open' ? 'http' : 'https'}://${host}:${hub.httpPort}`);
  }
  if (hub.enrolPort() !== null) print(`Enrolment: gRPC on ${options.host}:${hub.enrolPort()}`);
  return {
    port: hub.port,
    async stop() {
      await hub.stop(limits.stopMs / 2);
      await database.close();
    },
  };
}

/** The stores of a file. Throws one Error that lists every mistake in it. */
function storesOrExplain(file: string): readonly PlacedStore[] {
  const { stores, problems } = loadStorePlaces(file);
  if (problems.length === 0) return stores;
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  throw new Error(`${file} has ${count}, so nothing was started:\n${problems.map(formatProblem).join('\n')}`);
}

async function securityOf(
  { host, authority, names, enrolPort }: HubCommand,
  nowMs: () => number,
): Promise<HubSecurity> {
  if (authority === null) {
    if (LOOPBACK.has(host)) return { kind: 'open' };
    throw new Error(
      `a hub on ${host} can be reached from other machines; give --authority <folder> so that it asks for certificates`,
    );
  }
  return {
    kind: 'certificates',
    authority: await openAuthority(authority, nowMs),
    hosts: [...new Set([...names, host, 'localhost'])],
    enrolPort,
    isRevoked: createRevocations(join(authority, 'revoked.txt')),
  };
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);

const keptIn = ({ data, postgres }: HubCommand) =>
  postgres ? 'kept in PostgreSQL' : data === null ? 'kept in memory only' : `kept in ${data}`;

async function openDatabase({ data, postgres }: HubCommand, log: Log): Promise<HubDatabase> {
  if (postgres === null) {
    return openPglite(data).catch(error => {
      throw new Error(`the hub's database in ${data ?? 'memory'} cannot be opened: ${sentence(error)}`);
    });
  }
  const database = openPostgres(postgres, log);
  try {
    await database.query('SELECT 1');
    return database;
  } catch (error) {
    await database.close().catch(() => {});
    // The URL may hold a password, so it is not repeated.
    throw new Error(`the PostgreSQL server of --postgres cannot be used: ${sentence(error)}`);
  }
}

function sentence(error: unknown): string {
  // A refused connection to a name with several addresses carries its reason one level down.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}
