import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import type { HubDatabase } from '../hub/database.ts';
import { createHub } from '../hub/hub.ts';
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
}

/** Runs the reference cloud inventory until it is stopped. Rejects with one sentence when it cannot start. */
export async function runHub(
  options: HubCommand,
  { clock, log, print }: Pick<Environment, 'clock' | 'log' | 'print'>,
): Promise<Running & { readonly port: number }> {
  // Its own lines would stand beside ours, which say the same in a sentence.
  setLogVerbosity(logVerbosity.NONE);
  const database = await openDatabase(options, log);
  const hub = createHub({ database, host: options.host, port: options.grpcPort, clock, log });
  try {
    await hub.start();
  } catch (error) {
    await database.close().catch(() => {});
    throw error;
  }
  print(`Cloud hub: gRPC on ${options.host}:${hub.port}, ${keptIn(options)}`);
  return {
    port: hub.port,
    async stop() {
      await hub.stop(limits.stopMs / 2);
      await database.close();
    },
  };
}

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
