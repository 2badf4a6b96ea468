import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HubDatabase, migrate } from '../../src/hub/database.ts';
import { openPglite } from '../../src/hub/pglite-database.ts';
import { livePartitions } from './partition.ts';

let database: HubDatabase;
beforeAll(async () => {
  database = await openPglite(null);
  await migrate(database);
}, 60_000);
afterAll(() => database.close());

describe('tills, online orders and leases competing for a few units over a link that breaks', () => {
  it.each([1, 2, 3, 4])('oversell nothing online and name every shortage: seed %i', async seed => {
    const { violations } = await livePartitions(database, seed);
    expect(violations).toEqual([]);
  });
});
