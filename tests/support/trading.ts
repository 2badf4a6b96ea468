import { setTimeout as pause } from 'node:timers/promises';

/** Documents that a store's till and staff hand in over the API, each repeated until it is answered. */
export interface Trading {
  /** Receipts that the gateway has acknowledged. */
  readonly sales: ReadonlySet<string>;
  /** All documents that the gateway has acknowledged. */
  documents(): number;
  stop(): Promise<void>;
}

/** Three at a time: sales, deliveries with refills, and orders that are reserved, picked and handed over. */
export function startTrading(api: string, item: { readonly gtin: string; readonly facing: string }): Trading {
  const sales = new Set<string>();
  let documents = 0;
  let trading = true;
  const post = async (path: string, key: string, body: object) => {
    while (!(await tryPost(`${api}/${path}`, { key, ...body }))) await pause(50);
    documents += 1;
  };
  const one = [{ gtin: item.gtin, quantity: 1 }];
  const rounds: readonly ((round: number) => Promise<void>)[] = [
    async round => {
      const key = `till-1/${round}`;
      await post('sales', key, { lines: one });
      sales.add(key);
    },
    async round => {
      await post('deliveries', `d-${round}`, { lines: [{ gtin: item.gtin, quantity: 5 }] });
      await post('refills', `r-${round}`, { facing: item.facing, quantity: 2 });
    },
    async round => {
      const order = `order-${round}`;
      await post('reservations', `${order}/reserve`, { reservation: order, lines: one });
      await post(`reservations/${order}/stage`, `${order}/stage`, { from: 'backroom', lines: one });
      await post(`reservations/${order}/hand-over`, `${order}/hand-over`, {});
    },
  ];
  const work = (async () => {
    await post('deliveries', 'd-first', { lines: [{ gtin: item.gtin, quantity: 1000 }] });
    await Promise.all(
      rounds.map(async live => {
        for (let round = 0; trading; round++) {
          await live(round);
          await pause(30);
        }
      }),
    );
  })();
  // A refusal is a mistake of the trial; `stop` tells it.
  work.catch(() => {});
  return {
    sales,
    documents: () => documents,
    async stop() {
      trading = false;
      await work;
    },
  };
}

/** False when nobody answered or could; throws when the document was refused for what it says. */
async function tryPost(url: string, body: object): Promise<boolean> {
  const headers = { 'content-type': 'application/json' };
  let answer: Response;
  try {
    answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    if (answer.ok) return true;
    if (answer.status >= 500 || answer.status === 429) return false;
  } catch {
    return false;
  }
  throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
}
