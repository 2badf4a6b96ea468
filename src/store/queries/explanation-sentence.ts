import type { Evidence, MovementCause, Place } from '../../domain/stock/facts.ts';
import type { Fact } from '../fact.ts';
import type { ExplanationView, MovementExplanationView, ReasonView } from '../views.ts';

/** A place in the middle of a sentence: `on A1-1`, `in the backroom`. */
export function placePhrase(place: Place): string {
  if (place.startsWith('shelf:')) return `on ${place.slice('shelf:'.length)}`;
  return PLACES[place as keyof typeof PLACES] ?? `in ${place}`;
}

/** A place as the end of a way: `A1-1`, `the backroom`. */
const placeName = (place: Place): string =>
  place.startsWith('shelf:') ? place.slice('shelf:'.length) : (PLACE_NAMES[place] ?? place);

const PLACE_NAMES: Readonly<Partial<Record<Place, string>>> = {
  backroom: 'the backroom',
  cart: 'a cart',
  staged: 'an order',
  hold: 'hold',
  returns: 'the returns desk',
  supplier: 'the supplier',
  customer: 'a customer',
  waste: 'the waste',
  unaccounted: 'nowhere known',
};

const PLACES = {
  backroom: 'in the backroom',
  cart: 'in carts',
  staged: 'picked for orders',
  hold: 'on hold',
  returns: 'among the returns',
} as const;

const DONE: Readonly<Record<MovementCause, readonly [added: string, removed: string]>> = {
  pick: ['taken', 'taken'],
  put: ['put back', 'put back'],
  moved: ['slid here', 'slid to another place'],
  restock: ['put on the shelf', 'carried to a shelf'],
  sale: ['sold', 'sold'],
  delivery: ['delivered', 'delivered'],
  count: ['more counted', 'fewer counted'],
  refill: ['put on the shelf by a refill', 'carried to a shelf by a refill'],
  pick_inferred: ['taken unseen', 'taken unseen'],
  misplaced: ['found in a wrong place', 'put in a wrong place'],
  unpaid: ['left unpaid', 'left unpaid'],
  reopened: ['paid late', 'paid late'],
  unexplained_sale: ['sold from nowhere known', 'sold from nowhere known'],
  reverted: ['lifted off again', 'lifted off again'],
  refund: ['brought back', 'brought back'],
  void: ['not sold after all', 'not sold after all'],
  waste: ['thrown away', 'thrown away'],
  transfer: ['carried here', 'carried away'],
  stage: ['picked for an order', 'picked for an order'],
  unstage: ['put back from an order', 'put back from an order'],
  hand_over: ['handed to a customer', 'handed to a customer'],
};

const words = (cause: MovementCause, change: number): string => {
  const known = DONE[cause] as (typeof DONE)[MovementCause] | undefined;
  return known ? known[change > 0 ? 0 : 1] : cause.replaceAll('_', ' ');
};

const MINUTE_MS = 60_000;

/** 40 s ago, 7 min ago, 3 h ago, 2 days ago. */
export function ago(ms: number): string {
  const minutes = Math.max(0, ms) / MINUTE_MS;
  if (minutes < 1) return `${Math.round(minutes * 60)} s ago`;
  if (minutes < 60) return `${Math.floor(minutes)} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 60 / 24)} days ago`;
}

/** 3, or 0.734 kg of what is sold by weight. */
export const amount = (quantity: number, unit?: 'g'): string =>
  unit === 'g' ? `${quantity / 1000} kg` : `${quantity}`;

/** What showed it: `−412 g on shelf-a1 plate 3, settled in 0.9 s`, or `document till-1/000123`. */
export function evidencePhrase(evidence: Evidence): string {
  if (evidence.kind === 'document') return `document ${evidence.key}`;
  const { device, plates, deltaGrams, onsetMs, settledMs } = evidence;
  const grams = `${deltaGrams < 0 ? '−' : '+'}${Math.abs(Math.round(deltaGrams))} g`;
  const seconds = (Math.max(0, settledMs - onsetMs) / 1000).toFixed(1);
  const named = `plate${plates.length === 1 ? '' : 's'} ${plates.join(', ')}`;
  return `${grams} on ${device} ${named}, settled in ${seconds} s`;
}

const percent = (probability: number) => Math.min(99.9, Math.floor(probability * 1000) / 10);

/** What a movement rests on: a receipt, a count, or how a unit was taken before. */
export function sourceSentence(fact: Fact): string {
  switch (fact.type) {
    case 'sale':
      return `receipt ${fact.key} of ${fact.till}`;
    case 'count':
      return `count ${fact.key}: ${fact.counted} counted, ${fact.believed} believed`;
    case 'goods':
      return `${fact.cause} ${fact.key}`;
    case 'movement':
      return `${amount(fact.quantity, fact.unit)} taken from ${placeName(fact.from)}: ${evidencePhrase(fact.evidence)}`;
    default:
      return fact.type.replaceAll('_', ' ');
  }
}

type Told = Pick<ReasonView, 'evidence' | 'confidence' | 'sources'>;

/** The weights, the document, or what was seen before and then never paid. */
function ground({ evidence, confidence, sources }: Told): string {
  const sure = evidence.kind === 'weights' || confidence < 1 ? ` (${percent(confidence)} % sure)` : '';
  const earlier = sources.filter(({ type }) => type === 'movement').map(({ sentence }) => sentence);
  const shown = earlier.length > 0 ? `${listed(earlier)}, and no receipt since` : evidencePhrase(evidence);
  return `${shown}${sure}`;
}

/** `1 taken 4 min ago: −412 g on shelf-a1 plate 3, settled in 0.9 s (98 % sure).` */
export function reasonSentence(reason: Omit<ReasonView, 'sentence'>, nowMs: number): string {
  const { change, unit, cause, eventTimeMs } = reason;
  return `${amount(Math.abs(change), unit)} ${words(cause, change)} ${ago(nowMs - eventTimeMs)}: ${ground(reason)}.`;
}

/** `1 of Milk from A1-1 to a cart 4 min ago (taken): −412 g on shelf-a1 plate 3, settled in 0.9 s (98 % sure).` */
export function movementSentence(view: Omit<MovementExplanationView, 'sentence'>, nowMs: number): string {
  const { quantity, unit, name, from, to, cause, eventTimeMs } = view;
  const way = `from ${placeName(from)} to ${placeName(to)}`;
  const when = ago(nowMs - eventTimeMs);
  const origin =
    view.originConfidence === undefined
      ? ''
      : ` That they came from ${placeName(from)} is ${percent(view.originConfidence)} % sure.`;
  return `${amount(quantity, unit)} of ${name} ${way} ${when} (${words(cause, -quantity)}): ${ground(view)}.${origin}`;
}

/** The whole chain in one sentence: what it started from, what came and went, and what was last. */
export function explanationSentence(view: Omit<ExplanationView, 'sentence'>, nowMs: number): string {
  const { quantity, unit, place, reasons, trouble, countedBy } = view;
  const last = reasons.at(-1);
  const end = last ? ` Last: ${reasonSentence(last, nowMs)}` : '';
  const doubt = trouble ? ` Its shelf cannot be trusted now (${trouble}).` : '';
  const how =
    countedBy === 'documents' && place.startsWith('shelf:')
      ? ' No plate weighs it: it is counted from tills, deliveries and counts alone.'
      : '';
  const sure = view.confidence >= 0.9995 ? '' : `, ${percent(view.confidence)} % sure`;
  const chain = [beginning(view, nowMs), ...summed(reasons, unit)];
  const told = chain.length === 1 ? chain[0] : `${chain[0]}, then ${listed(chain.slice(1))}`;
  return `${amount(quantity, unit)} ${placePhrase(place)}${sure}: ${told}.${end}${how}${doubt}`;
}

function beginning(
  { anchor, start, isComplete, unit }: Omit<ExplanationView, 'sentence'>,
  nowMs: number,
): string {
  if (!isComplete) return `${amount(start, unit)} from movements further back than are told here`;
  if (anchor)
    return `${amount(anchor.counted, unit)} counted ${ago(nowMs - anchor.eventTimeMs)} (count ${anchor.key})`;
  return 'never counted by a person';
}

/** Units by what was done with them, in the order in which each was first done. */
function summed(reasons: readonly ReasonView[], unit?: 'g'): string[] {
  const units = new Map<string, number>();
  for (const { cause, change } of reasons) {
    const done = words(cause, change);
    units.set(done, (units.get(done) ?? 0) + Math.abs(change));
  }
  return [...units].map(([done, sum]) => `${amount(sum, unit)} ${done}`);
}

const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
