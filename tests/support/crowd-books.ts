import pg from 'pg';
import { type CrowdStore, crowdMovements } from './store-crowd.ts';

export interface CrowdBooks {
  /** Events that a store knows to be acknowledged and that the database does not hold. */
  readonly lost: number;
  /** Events that are there twice, and units that moved twice. */
  readonly twice: number;
  readonly stored: number;
}

/** Holds what is in the database against what the stores produced and saw acknowledged. */
export async function auditCrowd(url: string, crowd: readonly CrowdStore[]): Promise<CrowdBooks> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ store: string; events: string; numbers: string; units: string }>(
      `SELECT e.store, count(*) AS events, count(DISTINCT e.seq) AS numbers,
         (SELECT coalesce(sum(-s.quantity), 0) FROM stock s WHERE s.store = e.store AND s.place LIKE 'shelf:%') AS units
       FROM event e GROUP BY e.store`,
    );
    const held = new Map(rows.map(row => [row.store, row]));
    let [lost, twice, stored] = [0, 0, 0];
    for (const store of crowd) {
      const row = held.get(store.gln);
      const [events, numbers, units] = [Number(row?.events), Number(row?.numbers), Number(row?.units)];
      stored += events || 0;
      lost += Math.max(0, store.ackedSeq() - (numbers || 0));
      twice += Math.max(0, (events || 0) - (numbers || 0));
      // Until everything is acknowledged, the last events may be stored and not yet known to be.
      if (store.ackedSeq() === store.lastSeq())
        twice += Math.abs((units || 0) - crowdMovements(store.lastSeq()));
    }
    return { lost, twice, stored };
  } finally {
    await client.end();
  }
}
