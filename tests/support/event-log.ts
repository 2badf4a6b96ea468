import { join } from 'node:path';
import Database from 'better-sqlite3';

/** Reads the event log of a gateway that has ended, as an auditor would: straight from the file. */
export function readEventLog(dataFolder: string): { seq: number; fact: Record<string, unknown> }[] {
  const db = new Database(join(dataFolder, 'aisle.db'), { readonly: true });
  try {
    const rows = db.prepare('SELECT seq, fact FROM event ORDER BY seq').all() as {
      seq: number;
      fact: string;
    }[];
    return rows.map(({ seq, fact }) => ({ seq, fact: JSON.parse(fact) as Record<string, unknown> }));
  } finally {
    db.close();
  }
}
