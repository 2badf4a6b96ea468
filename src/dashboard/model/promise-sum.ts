import type { StockView } from '../../store/views.ts';

export interface PromiseTerm {
  readonly label: string;
  readonly units: number;
  readonly sign: '+' | '−';
}

/**
 * Available to promise as a sum that can be checked by eye. What the gateway holds back beyond the
 * reservations (safety stock, uncertainty of the count) is the rest of the sum.
 */
export function promiseTerms(stock: StockView): readonly PromiseTerm[] {
  const rest = stock.backroom + stock.onShelf - stock.reserved - stock.availableToPromise;
  return [
    { label: 'in the backroom', units: stock.backroom, sign: '+' },
    { label: 'on the shelf', units: stock.onShelf, sign: '+' },
    { label: 'reserved for orders', units: stock.reserved, sign: '−' },
    rest >= 0
      ? { label: 'kept back: safety stock and uncertainty', units: rest, sign: '−' }
      : { label: 'missing: a promise is never below 0', units: -rest, sign: '+' },
  ];
}
