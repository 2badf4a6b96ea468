import pg from 'pg';
import type { Log } from '../shared/log.ts';
import type { HubDatabase, Sql } from './database.ts';

/** Connections to the server at once; each batch of events uses one for a few milliseconds. */
const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_NAMES = 500;

/** A PostgreSQL server, 15 or newer. Connections are made when they are needed. */
export function openPostgres(url: string, log: Log): HubDatabase {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // An idle connection that breaks would end the process without a listener; the pool makes a new one.
  pool.on('error', error => log.warn({ error: error.message }, 'database connection lost'));
  const nameOf = createNames();
  const inTurn = createGate(MAX_CONNECTIONS);
  const { query, script } = sqlOf(pool, nameOf);
  return {
    query: (text, parameters) => inTurn(() => query(text, parameters)),
    script: text => inTurn(() => script(text)),
    transaction: work => inTurn(() => transaction(pool, work, nameOf)),
    listen: (channel, onHint, onLost) => listen(url, channel, onHint, onLost),
    close: () => pool.end(),
  };
}

async function transaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>, nameOf: NameOf): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const value = await work(sqlOf(client, nameOf));
    await client.query('COMMIT');
    return value;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * As many at once as there are connections, the others in the order in which they came. The pool would refuse them after its time
 * for making a connection, and when a thousand stores come back at once that is not the database's fault.
 */
function createGate(places: number) {
  const waiting: (() => void)[] = [];
  let free = places;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free > 0) free -= 1;
    else await new Promise<void>(resolve => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}

type NameOf = (text: string) => string | undefined;

const sqlOf = (client: pg.Pool | pg.PoolClient, nameOf: NameOf): Sql => ({
  query: async <Row>(text: string, parameters: readonly unknown[] = []) => {
    const name = parameters.length > 0 ? nameOf(text) : undefined;
    return (await client.query({ ...(name && { name }), text, values: [...parameters] })).rows as Row[];
  },
  script: async text => void (await client.query(text)),
});

/**
 * Statements with a name are planned once for each connection; for a batch of one event planning takes as long as the work. Texts
 * are constants of this program in a few shapes; should they be many after all, the rest goes without a name.
 */
function createNames(): NameOf {
  const names = new Map<string, string>();
  return text => {
    const name = names.get(text);
    if (name !== undefined || names.size >= MAX_NAMES) return name;
    names.set(text, `aisle_${names.size}`);
    return names.get(text);
  };
}

/** On a connection of its own: one of the pool's would lose the hints when it is given to somebody else. */
async function listen(url: string, channel: string, onHint: (text: string) => void, onLost: () => void) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('notification', ({ payload }) => onHint(payload ?? ''));
  client.on('error', () => {});
  client.on('end', onLost);
  try {
    await client.connect();
    await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
  } catch (error) {
    client.off('end', onLost);
    await client.end().catch(() => {});
    throw error;
  }
  return {
    close: async () => {
      client.off('end', onLost);
      await client.end();
    },
  };
}
