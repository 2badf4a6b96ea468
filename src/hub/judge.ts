import { lastSeqOf, spanOf } from '../cloud/event-identity.ts';
import type { Event, Movement, Reservation } from '../cloud/gen/aisle/sync/v1/event_pb.ts';
import type { EventBatch } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';

/** An event that could not be used, and why. */
export interface Rejection {
  readonly seq: number;
  readonly reason: string;
}

export type Judged =
  | { readonly kind: 'malformed'; readonly reason: string }
  /** Events before it are missing. */
  | { readonly kind: 'gap'; readonly expectedSeq: number }
  | {
      readonly kind: 'joins';
      /** Everything up to here is held already. */
      readonly heldSeq: number;
      /** Everything up to here is held once the batch is stored. */
      readonly ackedSeq: number;
      /** To be stored, in order; unfit ones are not among them. */
      readonly fresh: readonly Event[];
      /** Held already; their content is to be compared. */
      readonly again: readonly Event[];
      readonly rejected: readonly { readonly event: Event; readonly reason: string }[];
      /** Numbers above what is held that stand for no stored event: discarded ones and unfit ones. */
      readonly skipped: number;
    };

/** A batch that can be stored. */
export type Joining = Extract<Judged, { kind: 'joins' }>;

/** What a batch means to a receiver that holds everything up to `heldSeq`. The one rule of all ledgers. */
export function judgeBatch(heldSeq: number, { firstSeq, events }: EventBatch): Judged {
  const reason = notConsecutive(Number(firstSeq), events);
  if (reason) return { kind: 'malformed', reason };
  if (Number(firstSeq) > heldSeq + 1) return { kind: 'gap', expectedSeq: heldSeq + 1 };
  const fresh: Event[] = [];
  const again: Event[] = [];
  const rejected: { event: Event; reason: string }[] = [];
  let skipped = 0;
  for (const event of events) {
    const first = Number(event.seq);
    if (event.body.case === 'discarded') {
      skipped += Math.max(0, lastSeqOf(event) - Math.max(heldSeq, first - 1));
      // A run that begins below what is held has its first number taken by the event that it stands for.
      if (first > heldSeq) fresh.push(event);
    } else if (first <= heldSeq) again.push(event);
    else {
      const unfit = unfitness(event);
      if (unfit === null) fresh.push(event);
      else {
        rejected.push({ event, reason: unfit });
        skipped += 1;
      }
    }
  }
  const ackedSeq = Math.max(heldSeq, lastSeqOf(events.at(-1)!));
  return { kind: 'joins', heldSeq, ackedSeq, fresh, again, rejected, skipped };
}

function notConsecutive(firstSeq: number, events: readonly Event[]): string | null {
  let next = firstSeq;
  for (const event of events) {
    if (Number(event.seq) !== next) return 'a batch must hold consecutive events from first_seq on';
    next += spanOf(event);
  }
  return events.length === 0 || firstSeq < 1 ? 'a batch must hold events and begin at 1 or later' : null;
}

const LARGEST = 1_000_000_000_000n;

/** Why an event would damage the stock that is folded from it; null when it would not. Unknown kinds are fit. */
export function unfitness({ body }: Event): string | null {
  if (body.case === 'movement') return unfitMovement(body.value);
  if (body.case === 'reservation') return unfitReservation(body.value);
  if (body.case === 'price' && body.value.priceMinor < 0n) return `price_minor is ${body.value.priceMinor}`;
  return null;
}

function unfitMovement({ gtin, quantity, fromPlace, toPlace }: Movement): string | null {
  if (!/^\d{14}$/.test(gtin)) return `movement.gtin is "${gtin.slice(0, 40)}", not 14 digits`;
  if (quantity < 1n || quantity > LARGEST) return `movement.quantity is ${quantity}, not 1 to ${LARGEST}`;
  return fromPlace && toPlace ? null : 'movement has no from_place or no to_place';
}

function unfitReservation({ reservationId, lines }: Reservation): string | null {
  if (reservationId === '') return 'reservation.reservation_id is empty';
  const wrong = lines.find(
    ({ quantity, staged }) => quantity < 0n || quantity > LARGEST || staged > quantity,
  );
  return wrong ? `a line of reservation ${reservationId} has quantity ${wrong.quantity}` : null;
}
