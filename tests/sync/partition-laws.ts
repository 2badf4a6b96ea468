import type { HubDatabase } from '../../src/hub/database.ts';
import type { StoredOrder } from '../../src/hub/order-book.ts';
import type { Gtin } from '../../src/shared/gtin.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { type createStoreSide, type HubSide, reservationOf } from './partition-sides.ts';

/** Both sides of a link after all that happened to it. */
interface Sides {
  readonly site: ReturnType<typeof createStoreSide>;
  readonly clock: ManualClock;
  readonly store: string;
  readonly hub: HubSide;
  readonly database: HubDatabase;
  /** By the names of the orders. */
  readonly asked: ReadonlyMap<string, unknown>;
  readonly placed: ReadonlySet<string>;
  readonly cancelled: ReadonlySet<string>;
}

/** Units of each item that are promised beyond what is there: to orders, and to the cloud as a whole. */
export function debtOf(
  { site, clock }: Pick<Sides, 'site' | 'clock'>,
  items: readonly Gtin[],
): Map<Gtin, number> {
  const { ledger } = site.bench().state;
  return new Map(
    items.map(gtin => {
      const shelf = ledger.planogram
        .facingsOf(gtin)
        .map(({ facing }) => ledger.balances.quantity(gtin, `shelf:${facing}`));
      const there =
        ledger.balances.quantity(gtin, 'backroom') +
        shelf.reduce((sum, units) => sum + units, 0) +
        Math.min(0, ledger.balances.quantity(gtin, 'cart'));
      const promised = ledger.reservations.reserved(gtin, clock.nowMs()) + ledger.leases.leased(gtin);
      return [gtin, Math.max(0, promised - Math.max(0, there))];
    }),
  );
}

/** What must hold when everybody has heard of everything. */
export async function violationsAtEnd(sides: Sides, items: readonly Gtin[]): Promise<readonly string[]> {
  const { asked, placed, hub } = sides;
  const orders = (await Promise.all([...asked.keys()].map(id => hub.orderBook.find(id)))).flatMap(
    order => order ?? [],
  );
  return [
    ...(await oversoldLeases(sides)),
    ...orders.filter(({ orderId }) => placed.has(orderId)).flatMap(order => brokenPromises(sides, order)),
    ...[...debtOf(sides, items)].flatMap(([gtin, units]) => {
      const named = namedShort(sides, gtin);
      return units > named ? [`${units} of ${gtin} are missing, and only ${named} are named`] : [];
    }),
    ...heldForNobody(sides, orders),
  ];
}

async function oversoldLeases({ database, store }: Sides): Promise<readonly string[]> {
  const over = await database.query<{ lease: string }>(
    `SELECT g.lease FROM lease_grant g JOIN lease_sale s ON s.store = g.store AND s.lease = g.lease
     WHERE g.store = $1 GROUP BY g.lease, g.granted HAVING sum(s.quantity) > g.granted`,
    [store],
  );
  return over.map(({ lease }) => `lease ${lease} sold more than it had`);
}

/** What a shop was promised, and its store does not hold for it. */
function brokenPromises({ site, cancelled }: Sides, order: StoredOrder): readonly string[] {
  const { orderId, state, reason, reservations } = order;
  if (state === 'refused') return [`order ${orderId} was promised and is not honoured: ${reason}`];
  if (cancelled.has(orderId)) return state === 'cancelled' ? [] : [`order ${orderId} cannot be cancelled`];
  return reservations.flatMap(name => {
    const known = reservationOf(site.entries, name);
    if (!known) return [`the store never heard of ${name}`];
    const isGone = ['released', 'expired', 'refused'].includes(known.state);
    return isGone ? [`${name} is placed, and ${known.state} at the store`] : [];
  });
}

/** What a store keeps for orders from outside of which no shop knows. */
function heldForNobody({ site }: Sides, orders: readonly StoredOrder[]): readonly string[] {
  const wanted = new Set(orders.flatMap(order => (order.state === 'placed' ? order.reservations : [])));
  const names = new Set(
    site.entries.flatMap(({ fact }) => (fact.type === 'reservation' ? fact.reservation : [])),
  );
  return [...names]
    .filter(name => name.startsWith('o-') && site.bench().state.ledger.reservations.find(name))
    .filter(name => !wanted.has(name))
    .map(name => {
      const order = orders.find(({ orderId }) => name === orderId || name.startsWith(`${orderId}/`));
      return `the store holds ${name}, which is ${order?.state}`;
    });
}

/** Units of an item that open orders lack, as the last word on each order has it. */
function namedShort({ site }: Sides, gtin: Gtin): number {
  const { reservations } = site.bench().state.ledger;
  const last = new Map<string, number>();
  for (const { fact } of site.entries) {
    if (fact.type === 'shortage' && fact.gtin === gtin) last.set(fact.reservation, fact.missing);
  }
  let sum = 0;
  for (const [reservation, missing] of last) {
    const lines = (reservations.find(reservation)?.lines ?? []).filter(line => line.gtin === gtin);
    const left = lines.reduce((units, line) => units + line.quantity - (line.staged ?? 0), 0);
    sum += Math.min(missing, left);
  }
  return sum;
}
