import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../shared/result.ts';
import { openDatabase } from './database.ts';
import type { OutageReceiptFact } from './sync-facts.ts';

export type { OutageReceiptFact } from './sync-facts.ts';

/** The receipts of outages that are still in the log of a data folder, oldest first. No gateway may run on it. */
export function readReceipts(folder: string): Result<readonly OutageReceiptFact[]> {
  if (!existsSync(join(folder, 'aisle.db'))) {
    return fail('not_found', `${folder} holds no database; name the data folder with --data`);
  }
  const opened = openDatabase(folder);
  if (!opened.ok) return opened;
  const { connection, close } = opened.value;
  const rows = connection
    .prepare<[], string>(`SELECT fact FROM event WHERE type = 'outage_receipt' ORDER BY seq`)
    .pluck();
  const receipts = rows.all().map(fact => JSON.parse(fact) as OutageReceiptFact);
  close();
  return ok(receipts);
}
