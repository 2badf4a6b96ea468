import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { domainSettings, siteReference } from '../../src/config/domain-settings.ts';
import type { Site } from '../../src/config/site.ts';
import { type AllDomains, restoreDomains, startDomains } from '../../src/pipeline/domains.ts';
import type { Delivery } from '../../src/pipeline/inbox.ts';
import { createStep, type Step } from '../../src/pipeline/step.ts';
import type { Reading } from '../../src/readings/reading.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import type { LogEntry } from '../../src/store/fact.ts';
import { createQueries, writeReference } from '../../src/store/queries.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import type { Queries } from '../../src/store/views.ts';

/** The gateway's own step over a real database in a temporary folder, on the bench's clock. */
export interface StoredBooks {
  readonly queries: Queries;
  /** What comes waits for `settle`. */
  feed(reading: Reading): void;
  /** Decides and commits everything that waits, in one transaction. */
  settle(): void;
  /** Ends the process, as far as anybody can tell: all that is known afterwards is read from the database. */
  restart(): void;
  /** Units of every item over all its places, which must be 0 for each: the sum of their amounts. */
  unbalancedUnits(): number;
  /** Whether the movements of the log add up to the balances. */
  isReplayed(): boolean;
  /** Closes the database and removes it. */
  close(): void;
}

interface Opened {
  readonly database: Database;
  readonly queries: Queries;
  readonly step: Step;
}

const NO_LIVE_VALUES = {
  valuesOf: () => [],
  lastSeenMs: () => null,
  footfallNow: () => [],
  vitalsOf: () => null,
};

export function createStoredBooks(
  site: Site,
  startMs: number,
  onCommitted: (entries: readonly LogEntry[]) => void,
): StoredBooks {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-books-'));
  let nowMs = startMs;
  const settings = domainSettings(site);
  const open = (): Opened => {
    const database = openDatabase(folder);
    if (!database.ok) throw new Error(database.error.message);
    const store = openStore(database.value, { cloudless: true });
    writeReference(database.value, siteReference(site));
    const domains: AllDomains = startDomains(settings, store, nowMs);
    const step = createStep({
      store,
      domains,
      restore: () => restoreDomains(settings, store, nowMs),
      onCommitted,
      onStorageFailure(error) {
        throw error;
      },
    });
    return {
      database: database.value,
      queries: createQueries(database.value, NO_LIVE_VALUES, () => nowMs),
      step,
    };
  };
  let opened = open();
  let waiting: Delivery[] = [];
  return {
    get queries() {
      return opened.queries;
    },
    feed(reading) {
      nowMs = Math.max(nowMs, reading.receivedTimeMs);
      waiting.push({ readings: [reading], done: () => {} });
    },
    settle() {
      opened.step.run(waiting);
      waiting = [];
    },
    restart() {
      opened.database.close();
      opened = open();
    },
    unbalancedUnits: () => unbalancedUnits(opened.database),
    isReplayed: () => isReplayed(opened.database),
    close() {
      opened.database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function unbalancedUnits({ connection }: Database): number {
  const sums = connection.prepare<[], number>('SELECT sum(quantity) FROM balance GROUP BY gtin').pluck();
  return sums.all().reduce((sum, units) => sum + Math.abs(units), 0);
}

function isReplayed({ connection }: Database): boolean {
  const differences = connection
    .prepare<[], number>(`
      WITH moved AS (SELECT fact ->> 'gtin' AS gtin, fact ->> 'from' AS taken, fact ->> 'to' AS brought,
        fact ->> 'quantity' AS quantity FROM event WHERE type = 'movement'),
      added AS (SELECT gtin, brought AS place, quantity FROM moved
        UNION ALL SELECT gtin, taken, -quantity FROM moved),
      folded AS (SELECT gtin, place, sum(quantity) AS quantity FROM added GROUP BY gtin, place)
      SELECT count(*) FROM folded f FULL JOIN balance b USING (gtin, place)
      WHERE coalesce(f.quantity, 0) <> coalesce(b.quantity, 0)`)
    .pluck();
  return differences.get() === 0;
}
