import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shop } from '../hub/hub-bench.ts';
import { type AisleProcess, startAisle } from '../support/aisle-process.ts';
import { auditCrowd } from '../support/crowd-books.ts';
import { freePorts } from '../support/free-ports.ts';
import { hasPostgres, type PostgresServer, privateServer } from '../support/postgres-server.ts';
import { type CrowdStore, createCrowd } from '../support/store-crowd.ts';
import { waitFor } from '../support/wait-for.ts';
import { randomOf } from '../sync/random.ts';

const STORES = 40;
const ROUNDS = 60;

describe.skipIf(!hasPostgres())('two receivers on one PostgreSQL', () => {
  let server: PostgresServer;
  let ports: readonly number[];
  /** The ports that the balancer gives out. It learns of the second death, not of the first. */
  const balancer: number[] = [];
  let hubs: AisleProcess[];
  let crowd: readonly CrowdStore[];
  const hubAt = (port: number) => startAisle(['hub', '--grpc', String(port), '--postgres', server.url]);

  beforeAll(async () => {
    server = await privateServer();
    ports = await freePorts(2);
    balancer.push(...ports);
    // Both at once: one makes the tables, the other waits for it.
    hubs = await Promise.all(ports.map(hubAt));
    crowd = createCrowd({ stores: STORES, ports: balancer, random: randomOf(7) });
    await Promise.all(crowd.map(({ uplink }) => uplink.start()));
  });
  afterAll(async () => {
    for (const { uplink } of crowd ?? []) await uplink.stop(1000);
    for (const hub of hubs ?? []) await hub.stop();
    await server?.remove();
  });

  const allBack = () =>
    waitFor('every store is connected', () => crowd.every(({ uplink }) => uplink.view().connected), 90_000);
  const onlineAt = async (port: number) => {
    const caller = shop(port);
    try {
      const { stores } = await caller.listStores({ pageSize: 1000 });
      return stores.filter(({ online }) => online).length;
    } finally {
      caller.close();
    }
  };

  it('share the stores, and each knows of all of them', async () => {
    await allBack();
    expect(await Promise.all(ports.map(onlineAt))).toEqual([STORES, STORES]);
  });

  it('lose nothing and count nothing twice when one is killed while all stores send', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      for (const store of crowd) store.produce(25);
      if (round === 20) await hubs[1]!.kill();
      if (round === 40) hubs[1] = await hubAt(ports[1]!);
      await waitFor('some are sent', () => crowd.some(store => store.ackedSeq() > round * 20), 60_000);
    }
    await allBack();
    await waitFor(
      'everything is acknowledged',
      () => crowd.every(store => store.ackedSeq() === store.lastSeq()),
      90_000,
    );
    expect(await auditCrowd(server.url, crowd)).toEqual({ lost: 0, twice: 0, stored: STORES * ROUNDS * 25 });
    expect(hubs.flatMap(hub => hub.output().match(/"level":"(error|fatal)".*/g) ?? [])).toEqual([]);
  });

  it('move every store to the one that is left', async () => {
    balancer.shift();
    await hubs[0]!.kill();
    await allBack();
    await waitFor('it knows that the other is gone', async () => (await onlineAt(ports[1]!)) === STORES);
  });
});
