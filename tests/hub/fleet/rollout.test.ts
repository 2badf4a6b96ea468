import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RolloutState } from '../../../src/cloud/gen/aisle/fleet/v1/fleet_pb.ts';
import { type HubDatabase, migrate } from '../../../src/hub/database.ts';
import { orderOf } from '../../../src/hub/fleet/stages.ts';
import { openPglite } from '../../../src/hub/pglite-database.ts';
import { createChain, glnOf } from './chain.ts';

let database: HubDatabase;
beforeAll(async () => {
  database = await openPglite(null);
  await migrate(database);
}, 60_000);
afterAll(() => database.close());

/** Every test has stores of its own, so that one database serves them all. */
const policies = (safetyStock: number) => ({
  case: 'policiesJson' as const,
  value: JSON.stringify({ stock: { safetyStock } }),
});

type Chain = Awaited<ReturnType<typeof createChain>>;

const start = async (chain: Chain, rolloutId: string, change: unknown = policies(2)) =>
  chain.ask.start({
    rolloutId,
    change: change as never,
    storeGlns: chain.stores.map(({ gln }) => gln),
    soakSeconds: 60,
  });

const stateOf = async (chain: Chain, rolloutId: string) => (await chain.ask.get({ rolloutId })).rollout!;

/** Beats until the rollout is in that state. */
async function until(chain: Chain, rolloutId: string, state: RolloutState) {
  for (let i = 0; i < 100; i++) {
    const rollout = await stateOf(chain, rolloutId);
    if (rollout.state === state) return rollout;
    await chain.beat();
  }
  throw new Error(
    `${rolloutId} is ${JSON.stringify(await stateOf(chain, rolloutId), (_, value) => (typeof value === 'bigint' ? Number(value) : value))}`,
  );
}

describe('a rollout', () => {
  it('reaches its stores stage by stage, in the order of their hash', async () => {
    const chain = await createChain(database, { first: 1_000, stores: 25 });
    const glns = chain.stores.map(({ gln }) => gln);
    await chain.beat();
    await start(chain, 'steps');
    const reached = new Map<number, string[]>();
    for (;;) {
      const rollout = await stateOf(chain, 'steps');
      const have = chain.stores.filter(({ told }) => told.length > 0).map(({ gln }) => gln);
      reached.set(rollout.stagePercent, have);
      if (rollout.state === RolloutState.COMPLETED) break;
      await chain.beat();
    }
    const counts = [...reached].map(([percent, have]) => [percent, have.length]);
    expect(counts).toEqual([
      [1, 1],
      [5, 2],
      [20, 5],
      [50, 13],
      [100, 25],
    ]);
    const order = orderOf('steps', glns);
    for (const have of reached.values()) expect(new Set(have)).toEqual(new Set(order.slice(0, have.length)));
    expect(await stateOf(chain, 'steps')).toMatchObject({ stores: 25, confirmed: 25, failed: 0, reason: '' });
  });

  it('that makes a store sick is halted and put back at exactly the stores that got it', async () => {
    const [size, bad] = [60, 'sick'];
    const glns = Array.from({ length: size }, (_, index) => glnOf(2_000 + index));
    const order = orderOf(bad, glns);
    const chain = await createChain(database, {
      first: 2_000,
      stores: size,
      // The first store is well with it, the third is not: 1 % is passed, 5 % is not.
      defectAt: index => (glns[index] === order[2] ? 'found' : null),
    });
    await chain.beat();
    await start(chain, bad);
    const { stagePercent, reason, failed } = await until(chain, bad, RolloutState.ROLLED_BACK);
    expect({ stagePercent, failed }).toEqual({ stagePercent: 5, failed: 1 });
    expect(reason).toBe(`5 % stage: 1 of 3 stores failed, such as ${order[2]}: went back by itself`);
    const toldOf = (gln: string | undefined) => chain.stores.find(store => store.gln === gln)!.told;
    const version = toldOf(order[0])[0]!.split(' ')[1];
    for (const [rank, gln] of order.entries()) {
      const applied = `apply ${version} {"stock":{"safetyStock":2}}`;
      // The sick one had gone back before it could be told to.
      const told = rank >= 3 ? [] : rank === 2 ? [applied] : [applied, 'back to 0'];
      expect(toldOf(gln)).toEqual(told);
    }
    expect(chain.stores.every(({ store }) => store.config().version === 0n)).toBe(true);
  });

  it('goes back to the configuration before it, which stays what the stores should have', async () => {
    const chain = await createChain(database, { first: 3_000, stores: 2 });
    await chain.beat();
    await start(chain, 'good', policies(3));
    await until(chain, 'good', RolloutState.COMPLETED);
    await start(chain, 'regretted', policies(9));
    await chain.beats(2);
    const { rollout } = await chain.ask.halt({ rolloutId: 'regretted', reason: 'the wrong season' });
    expect(rollout?.reason).toBe('the wrong season');
    await until(chain, 'regretted', RolloutState.ROLLED_BACK);
    const told = chain.stores.flatMap(each => each.told).filter(text => text.startsWith('back'));
    expect(told).toEqual([expect.stringMatching(/^back to \d+ \{"stock":\{"safetyStock":3\}\}$/)]);
    await chain.beat();
    const mine = new Set(chain.stores.map(({ gln }) => gln));
    const { drifts } = await chain.ask.drift({ pageSize: 1000 });
    expect(drifts.filter(({ storeGln }) => mine.has(storeGln))).toEqual([]);
  });

  it('waits for no store without a link, and reaches it when it is back', async () => {
    const chain = await createChain(database, { first: 4_000, stores: 12 });
    const late = orderOf(
      'late',
      chain.stores.map(({ gln }) => gln),
    )[3];
    const store = chain.stores.find(({ gln }) => gln === late)!;
    await chain.beat();
    store.isOnline = false;
    await chain.beats(5);
    await start(chain, 'late');
    expect(await until(chain, 'late', RolloutState.COMPLETED)).toMatchObject({ confirmed: 11, failed: 0 });
    expect(store.told).toEqual([]);
    store.isOnline = true;
    await chain.beats(6);
    expect(await stateOf(chain, 'late')).toMatchObject({ state: RolloutState.COMPLETED, confirmed: 12 });
  });

  it('puts back a store whose answer was lost, for it may have it', async () => {
    const chain = await createChain(database, { first: 5_000, stores: 3 });
    await chain.beat();
    for (const store of chain.stores) store.isMute = true;
    await start(chain, 'mute');
    await chain.beat();
    const told = chain.stores.find(store => store.told.length > 0)!;
    await chain.ask.halt({ rolloutId: 'mute', reason: 'too slow' });
    told.isMute = false;
    await until(chain, 'mute', RolloutState.ROLLED_BACK);
    expect(told.told.at(-1)).toBe('back to 0');
    expect(told.store.config().version).toBe(0n);
  });

  it('is halted by the first store that refuses it, where nothing is to be put back', async () => {
    const chain = await createChain(database, { first: 6_000, stores: 4 });
    await chain.beat();
    for (const store of chain.stores) store.refuses = 'policies: stock.safetyStock "many" is no number';
    await start(chain, 'refused');
    const { reason } = await until(chain, 'refused', RolloutState.ROLLED_BACK);
    expect(reason).toContain('refused: policies: stock.safetyStock "many" is no number');
  });
});

it('a price list is put back to the prices before it', async () => {
  const chain = await createChain(database, { first: 7_000, stores: 3 });
  const [gtin, other] = ['09521320000019', '09521320000026'];
  for (const [index, { gln }] of chain.stores.entries()) {
    await database.query(
      `INSERT INTO price (store, epoch, gtin, price_minor, currency, list_version, seq) VALUES ($1, 'e', $2, $3, 'EUR', 'w0', 1)`,
      [gln, gtin, 100 + index],
    );
  }
  await chain.beat();
  const prices = [gtin, other].map(each => ({ gtin: each, priceMinor: 250n }));
  await start(chain, 'prices', { case: 'prices', value: { listVersion: 'w1', prices } });
  await chain.beat();
  const told = chain.stores.find(store => store.told.length > 0)!;
  await chain.ask.halt({ rolloutId: 'prices', reason: 'a typing error' });
  await until(chain, 'prices', RolloutState.ROLLED_BACK);
  const before = 100 + chain.stores.indexOf(told);
  expect(told.told).toEqual(['prices w1: 250 250', `prices before prices: ${before}`]);
});

it('a store that has another configuration than it should is listed, with since when', async () => {
  const chain = await createChain(database, { first: 8_000, stores: 2 });
  await chain.beat();
  await start(chain, 'drifting');
  await until(chain, 'drifting', RolloutState.COMPLETED);
  const drifted = chain.stores[1]!;
  const mine = new Set(chain.stores.map(({ gln }) => gln));
  const drifts = async () =>
    (await chain.ask.drift({ pageSize: 1000 })).drifts.filter(({ storeGln }) => mine.has(storeGln));
  expect(await drifts()).toEqual([]);
  const { version } = drifted.store.config();
  // Somebody edits its files: the same version, and something else in force.
  Object.assign(drifted, {
    store: { ...drifted.store, config: () => ({ version, effectiveHash: 'edited', priceListVersion: '' }) },
  });
  await chain.beat();
  const sinceMs = chain.clock.nowMs();
  await chain.beat();
  expect(await drifts()).toMatchObject([
    {
      storeGln: drifted.gln,
      wantedVersion: version,
      version,
      wantedHash: '{"stock":{"safetyStock":2}}',
      effectiveHash: 'edited',
      sinceTime: { seconds: BigInt(Math.floor(sinceMs / 1000)) },
    },
  ]);
});

describe('a request', () => {
  it('that comes twice starts one rollout; for something else under the same name it is refused', async () => {
    const chain = await createChain(database, { first: 9_000, stores: 2 });
    const first = await start(chain, 'twice');
    expect((await start(chain, 'twice')).rollout?.startedTime).toEqual(first.rollout?.startedTime);
    await expect(start(chain, 'twice', policies(8))).rejects.toMatchObject({ code: status.ALREADY_EXISTS });
    await expect(start(chain, 'other')).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: expect.stringContaining('rollout "twice" is under way'),
    });
    const { rollouts, nextPageToken } = await chain.ask.list({ pageSize: 1 });
    expect(rollouts).toMatchObject([{ rolloutId: 'twice' }]);
    const { rollouts: rest } = await chain.ask.list({ pageSize: 100, pageToken: nextPageToken });
    expect(rest.map(({ rolloutId }) => rolloutId)).not.toContain('twice');
  });

  it.each([
    [{ rolloutId: '' }, 'rollout_id must have 1 to 100 characters'],
    [{ storeGlns: ['123'] }, 'store_glns has "123"; write the 13 digits of a GLN'],
    [{ soakSeconds: 5 }, 'soak_seconds is 5; write 10 to 2592000, or 0 for a day'],
    [{ change: { case: undefined } }, 'give policies_json or prices'],
    [{ change: { case: 'policiesJson', value: '[1]' } }, 'policies_json is no JSON object'],
    [
      { change: { case: 'prices', value: { listVersion: 'w', prices: [] } } },
      'prices has 0 items; write 1 to 20000',
    ],
    [
      { change: { case: 'prices', value: { listVersion: 'w', prices: [{ gtin: '123' }] } } },
      'prices has gtin "123"; write its 14 digits',
    ],
  ])('that makes no sense is refused in a sentence: %j', async (wrong, message) => {
    const chain = await createChain(database, { first: 9_100, stores: 0 });
    const request = { rolloutId: 'wrong', change: policies(1), storeGlns: [], soakSeconds: 60, ...wrong };
    await expect(chain.ask.start(request as never)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining(message),
    });
  });

  it('for a store or a rollout that nobody knows is not found', async () => {
    const chain = await createChain(database, { first: 9_200, stores: 0 });
    const unknown = { rolloutId: 'x', change: policies(1), storeGlns: [glnOf(99_999)] };
    await expect(chain.ask.start(unknown)).rejects.toMatchObject({ code: status.NOT_FOUND });
    await expect(chain.ask.get({ rolloutId: 'nobody' })).rejects.toMatchObject({ code: status.NOT_FOUND });
  });
});
