import type { MovementView } from '../../store/views.ts';
import { signed } from './formats.ts';

/** A place as people call it. */
export function placeWords(place: string): string {
  if (place.startsWith('shelf:')) return place.slice('shelf:'.length);
  return place === 'backroom' ? 'the backroom' : place === 'cart' ? 'a cart' : place;
}

const CORRECTIONS = {
  misplaced: 'never paid, and laid down elsewhere',
  unpaid: 'never paid',
  reopened: 'paid late after all',
  unexplained_sale: 'sold, but missing from no shelf',
  reverted: 'were no goods after all, lifted off again at once',
  void: 'of a cancelled receipt',
} as const;

const facing = (place: string) => place.startsWith('shelf:');
const within = (place: string) => (place.startsWith('shelf:') ? 'on' : 'in');

export interface MovementWords {
  /** `in` towards the shelf or the store, `out` away from it, `fix` for corrections. */
  readonly direction: 'in' | 'out' | 'fix';
  /** To be read after quantity and item: `taken from`, and the place when there is one to name. */
  readonly action: string;
  readonly place: string | null;
}

export function movementWords({ cause, from, to }: MovementView): MovementWords {
  switch (cause) {
    case 'pick':
      return { direction: 'out', action: 'taken from', place: placeWords(from) };
    case 'put':
      return { direction: 'in', action: 'put back on', place: placeWords(to) };
    case 'moved':
      return { direction: 'fix', action: 'slid to', place: placeWords(to) };
    case 'restock':
    case 'refill':
      // The shelf had taken them for goods put back, until staff said that they were a refill.
      if (to === 'cart') return { direction: 'fix', action: 'were a refill, not put back', place: null };
      return { direction: 'in', action: 'put on', place: placeWords(to) };
    case 'sale':
      return { direction: 'out', action: 'sold', place: null };
    case 'refund':
      return { direction: 'in', action: 'brought back', place: null };
    case 'waste':
      return { direction: 'out', action: 'thrown away from', place: placeWords(from) };
    case 'transfer':
      return { direction: facing(to) ? 'in' : 'out', action: 'carried to', place: placeWords(to) };
    case 'stage':
      return { direction: 'out', action: 'picked for an order from', place: placeWords(from) };
    case 'unstage':
      return { direction: 'in', action: 'of an order carried back to', place: placeWords(to) };
    case 'hand_over':
      return { direction: 'out', action: 'handed over', place: null };
    case 'pick_inferred':
      return { direction: 'out', action: 'must have left', place: placeWords(from) };
    case 'misplaced':
    case 'unpaid':
    case 'reopened':
    case 'unexplained_sale':
    case 'reverted':
    case 'void':
      return { direction: 'fix', action: CORRECTIONS[cause], place: null };
    case 'delivery':
      return { direction: 'in', action: 'delivered to', place: placeWords(to) };
    case 'count':
      return to === 'unaccounted'
        ? { direction: 'fix', action: `fewer counted ${within(from)}`, place: placeWords(from) }
        : { direction: 'fix', action: `more counted ${within(to)}`, place: placeWords(to) };
  }
}

const DOCUMENTS: Partial<Record<MovementView['cause'], string>> = {
  sale: 'receipt',
  delivery: 'delivery note',
  count: 'count',
  refill: 'refill note',
};

/** How we know: `receipt till-1/000123`, or `shelf-a1 plate 3: −412 g, settled in 0.9 s`. */
export function evidenceWords({ evidence, cause, confidence }: MovementView): string {
  if (evidence.kind === 'document') return `${DOCUMENTS[cause] ?? 'document'} ${evidence.key}`;
  const plates = `plate${evidence.plates.length === 1 ? '' : 's'} ${evidence.plates.join(', ')}`;
  const seconds = Math.max(0, (evidence.settledMs - evidence.onsetMs) / 1000).toFixed(1);
  const sure = confidence < 0.995 ? `, ${Math.round(confidence * 100)} % sure` : '';
  return `${evidence.device} ${plates}: ${signed(Math.round(evidence.deltaGrams))} g, settled in ${seconds} s${sure}`;
}
