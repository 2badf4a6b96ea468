import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startAisle } from '../support/aisle-process.ts';
import { type DemoSite, demoSite } from '../support/demo-site.ts';
import { readEventLog } from '../support/event-log.ts';
import { connectTill } from '../support/sales.ts';
import { firstItem } from '../support/site-items.ts';

const KILLS = 20;
const TILLS = 4;

describe('kill -9 of the gateway under load', () => {
  let demo: DemoSite | null = null;
  afterAll(() => demo?.remove());

  it(`keeps every acknowledged sale exactly once over ${KILLS} kills, and is back within two seconds`, async () => {
    demo = await demoSite();
    const data = join(demo.folder, 'data');
    const { gtin } = firstItem(demo.site);
    const tills = Array.from({ length: TILLS }, (_, number) =>
      createStubbornTill(number, demo!.ports.mqtt, gtin),
    );
    const restartsMs: number[] = [];
    const firstSalesMs: number[] = [];

    for (let round = 0; round < KILLS; round++) {
      const startedMs = performance.now();
      const gateway = await startAisle(['run', demo.site, '--data', data]);
      restartsMs.push(performance.now() - startedMs);
      const rounds = tills.map(till => till.sellUntilCut());
      await Promise.race(tills.map(till => till.reached(till.acked.size + 1)));
      firstSalesMs.push(performance.now() - startedMs);
      // The moment of the kill walks through the load: after 20, 27, 34 ... more acknowledgements.
      await Promise.race(tills.map(till => till.reached(till.acked.size + 20 + round * 7)));
      await gateway.kill();
      await Promise.all(rounds);
    }
    // One last start without a kill: every till sends again what it does not know to be acknowledged.
    const gateway = await startAisle(['run', demo.site, '--data', data]);
    for (const till of tills) await till.settle();
    expect(await gateway.stop()).toBe(0);

    const log = readEventLog(data);
    const keys = log.filter(({ fact }) => fact.type === 'sale').map(({ fact }) => fact.key as string);
    const acked = tills.flatMap(till => [...till.acked]);
    process.stdout.write(
      `${KILLS} kills, ${acked.length} acknowledged sales, restart ms ${restartsMs.map(Math.round).join(' ')}, ` +
        `median ${Math.round(median(restartsMs))}, first sale after ${Math.round(median(firstSalesMs))}\n`,
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(keys)).toEqual(new Set(acked));
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
    expect(median(restartsMs)).toBeLessThan(2_000);
  });
});

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** A till that keeps a receipt until the broker has acknowledged it, over any number of cuts. */
function createStubbornTill(number: number, port: number, gtin: string) {
  const acked = new Set<string>();
  const waiters: { count: number; resolve: () => void }[] = [];
  let open: string | null = null;
  let next = 0;
  const sellOne = async (sell: (key: string, gtin: string) => Promise<void>) => {
    open ??= `till-${number}/${String(next++).padStart(6, '0')}`;
    await sell(open, gtin);
    acked.add(open);
    open = null;
    for (const waiter of waiters) if (acked.size >= waiter.count) waiter.resolve();
  };
  return {
    acked,
    reached: (count: number) => new Promise<void>(resolve => waiters.push({ count, resolve })),
    async sellUntilCut() {
      try {
        const till = await connectTill(port);
        for (;;) await sellOne(till.sell);
      } catch {
        // The cut that the test is about: what is open is sent again after the restart.
      }
    },
    async settle() {
      const till = await connectTill(port);
      if (open) await sellOne(till.sell);
      await till.close();
    },
  };
}
