import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { HubDatabase, Sql } from './database.ts';

// PostgreSQL's defaults are for a server: 128 MB of buffers alone. With these the process took 363 MB after 50,000
// events where it took 553 MB before, at four fifths of the speed. What is left is the program itself: 128 MB of its
// memory and as much for its code, whatever the settings (fewer connections and locks: 3 MB less).
const SMALL = [
  ['shared_buffers', '8MB'],
  ['wal_buffers', '1MB'],
  ['min_wal_size', '32MB'],
  ['max_wal_size', '64MB'],
].flatMap(([name, value]) => ['-c', `${name}=${value}`]);

const create = (folder: string | null) =>
  PGlite.create({
    ...(folder !== null && { dataDir: folder }),
    startParams: [...PGlite.defaultStartParams, ...SMALL],
  });

/**
 * PostgreSQL inside this process, in a folder, or in memory when `folder` is null. A commit survives the death of the
 * process; it is not synced to the disk, so after a power failure a store may have to send its last events again.
 */
export async function openPglite(folder: string | null): Promise<HubDatabase> {
  if (folder !== null && !existsSync(join(folder, 'PG_VERSION'))) {
    // Creating a database takes 240 MB more than using one, and gives them back only with the instance that did it.
    await mkdir(dirname(folder), { recursive: true });
    await (await create(folder)).close();
  }
  const db = await create(folder);
  return {
    ...sqlOf(db),
    transaction: work => db.transaction(tx => work(sqlOf(tx))),
    listen: async (channel, onHint) => ({ close: await db.listen(channel, onHint) }),
    close: () => db.close(),
  };
}

const sqlOf = (db: Pick<PGlite, 'query' | 'exec'>): Sql => ({
  query: async <Row>(text: string, parameters: readonly unknown[] = []) =>
    (await db.query<Row>(text, [...parameters])).rows,
  script: async text => void (await db.exec(text)),
});
