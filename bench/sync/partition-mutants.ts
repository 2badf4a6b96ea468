import type { Mutant } from './mutant.ts';

/** Places where promises could be broken, by the store, the hub or between them. */
export const PARTITION_MUTANTS: readonly Mutant[] = [
  {
    what: 'the store promises one unit more than it has',
    file: 'src/domain/stock/promises.ts',
    from: 'return quantity > units ?',
    to: 'return quantity > units + 1 ?',
  },
  {
    what: 'the store promises what it left to the cloud',
    file: 'src/domain/stock/available.ts',
    from: 'reservations.reserved(gtin, nowMs) + leases.leased(gtin);',
    to: 'reservations.reserved(gtin, nowMs);',
  },
  {
    what: 'the cloud sells a lease anew in each order',
    file: 'src/hub/lease-book.ts',
    from: 'lease.granted - lease.sold >= line.quantity',
    to: 'lease.granted >= line.quantity',
  },
  {
    what: 'an order that another picker leaves without is not named',
    file: 'src/domain/stock/available.ts',
    from: '.filter(({ reservation }) => reservation !== id);',
    to: '.filter(() => false);',
  },
  {
    what: 'a till takes what is promised, and nobody is told',
    file: 'src/domain/stock/available.ts',
    from: 'if (reservations.reserved(gtin, nowMs) === 0) return [];',
    to: 'if (reservations.reserved(gtin, nowMs) >= 0) return [];',
  },
  {
    what: 'a lease that ran out unanswered is never settled',
    file: 'src/hub/lease-book.ts',
    from: `OR g.state = 'asked' AND g.expires_at <= to_timestamp($2::float8)`,
    to: '',
  },
  {
    what: 'a store that may hold an order is not told to let go',
    file: 'src/hub/order-book.ts',
    from: 'AND due_at <= to_timestamp($2::float8)',
    to: 'AND due_at < to_timestamp($2::float8) AND false',
  },
];
