import { type Engine, SCHEMA_STEPS } from './schema.ts';

/** What the hub needs of PostgreSQL. 8-byte integers may come back as number, bigint or text: read them with Number(). */
export interface Sql {
  query<Row>(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** Several statements without parameters. */
  script(text: string): Promise<void>;
}

export interface HubDatabase extends Sql {
  /** All or nothing. Rejects, with everything undone, when the work rejects. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /**
   * Hears what anybody says on this channel with `pg_notify`. Only ever a hint: what is said while nobody hears is gone, and
   * so is everything after `onLost`. Rejects where the server knows no such thing.
   */
  listen(channel: string, onHint: (text: string) => void, onLost: () => void): Promise<Listening>;
  close(): Promise<void>;
}

export interface Listening {
  close(): Promise<void>;
}

/** Brings the tables up to what this version needs; forward only. Of several that start at once, one does it and the others wait. */
export async function migrate(database: HubDatabase): Promise<void> {
  await database.transaction(async sql => {
    await sql.query(`SELECT pg_advisory_xact_lock(hashtext('aisle hub schema'))`);
    await sql.script('CREATE TABLE IF NOT EXISTS hub_schema (step integer PRIMARY KEY)');
    const done = await sql.query<{ step: number }>('SELECT coalesce(max(step), 0) AS step FROM hub_schema');
    const from = Number(done[0]?.step ?? 0);
    if (from > SCHEMA_STEPS.length) {
      throw new Error(
        `the hub's tables are of a newer version (${from}) than this program (${SCHEMA_STEPS.length}); update it`,
      );
    }
    const engine = await engineOf(sql);
    for (const [index, step] of SCHEMA_STEPS.entries()) {
      const script = typeof step === 'string' ? step : step[engine];
      if (index >= from) await sql.script(`${script}; INSERT INTO hub_schema (step) VALUES (${index + 1})`);
    }
  });
}

async function engineOf(sql: Sql): Promise<Engine> {
  const [row] = await sql.query<{ version: string }>('SELECT version() AS version');
  return row?.version.startsWith('CockroachDB') ? 'cockroachdb' : 'postgresql';
}
