import Type, { type TSchema } from 'typebox';
import { Movement } from './answers.ts';

/** Answer schemas of explanations and of the work on the shelves, beside those in `answers.ts`. */

const text = (description: string) => Type.String({ description });
const textOrNull = (description: string) => Type.Union([Type.String(), Type.Null()], { description });
const timeMs = (description: string) => Type.Integer({ description: `${description}, Unix ms` });
const units = (description: string) => Type.Integer({ description: `${description}, units` });
const share = (description: string) =>
  Type.Number({ minimum: 0, maximum: 1, description: `${description}, 0 to 1` });

const unit = Type.Optional(Type.Literal('g', { description: 'sold by weight: quantities are grams' }));

const Sources: TSchema = Type.Array(
  Type.Object({
    seq: Type.Integer({ description: 'log sequence' }),
    type: text('type of the fact'),
    eventTimeMs: timeMs('when it happened'),
    sentence: text('the same, to be read'),
  }),
  { description: 'entries of the log that it rests on; none where weights alone tell' },
);
const documentSeq = Type.Union([Type.Integer(), Type.Null()], {
  description: 'log sequence of the document that it names; null for weights',
});

/** One movement with everything that led to it. */
export const MovementExplanation: TSchema = Type.Object(
  {
    ...Movement.properties,
    name: text('name of the item'),
    documentSeq,
    sources: Sources,
    sentence: text('the whole, to be read'),
  },
  { title: 'MovementExplanation' },
);

const Reason: TSchema = Type.Object({
  seq: Type.Integer({ description: 'log sequence of the movement' }),
  change: units('it added to the place; negative when it took some away'),
  unit,
  cause: text('what led to it'),
  confidence: share('probability of item and count'),
  corrects: Type.Optional(
    Type.Unknown({ description: 'evidence of the movement that it takes back or makes in its stead' }),
  ),
  evidence: Type.Unknown({ description: "a document's key, or the weights that were seen" }),
  documentSeq,
  sources: Sources,
  eventTimeMs: timeMs('when it happened'),
  sentence: text('the same, to be read'),
});

export const Explanation: TSchema = Type.Object(
  {
    gtin: text('GTIN, 14 digits'),
    name: text('name of the item'),
    place: text('place that is explained, such as shelf:A1-1'),
    quantity: units('there'),
    unit,
    confidence: share('probability that the quantity is right'),
    countedBy: text('weights, or documents alone'),
    trouble: textOrNull('why its weights cannot be trusted now'),
    anchor: Type.Union(
      [
        Type.Object({
          seq: Type.Integer({ description: 'log sequence of the count' }),
          key: text("the count's own number"),
          counted: units('that a person found'),
          believed: units('that the store had believed'),
          eventTimeMs: timeMs('when it was counted'),
        }),
        Type.Null(),
      ],
      { description: 'the last count of the place; null when nobody ever counted it' },
    ),
    start: units('before the first of the reasons'),
    reasons: Type.Array(Reason, { description: 'movements since, oldest first' }),
    isComplete: Type.Boolean({ description: 'whether the reasons go all the way back' }),
    sentence: text('the whole, to be read'),
  },
  { title: 'Explanation' },
);

export const ItemExplanation: TSchema = Type.Object(
  {
    gtin: text('GTIN, 14 digits'),
    name: text('name of the item'),
    sentence: text('where its units are, to be read'),
    places: Type.Array(Explanation),
  },
  { title: 'ItemExplanation' },
);

export const Task: TSchema = Type.Object(
  {
    task: text('id of this occasion'),
    kind: text(
      'shelf_gap, out_of_stock, phantom_stock, count_request, planogram, misplaced, new_pack, order_short or order_pick',
    ),
    state: text('open, taken, done or dismissed'),
    gtin: text('GTIN, 14 digits'),
    name: text('name of the item'),
    facing: textOrNull('where to go; null when it is about an item as a whole'),
    reservation: textOrNull('the order that is short or is to be picked'),
    reason: text('why there is something to do'),
    priority: Type.Integer({ description: 'what a day of waiting is expected to cost, minor units (cents)' }),
    openedAtMs: timeMs('when it was opened'),
    changedAtMs: timeMs('when it reached its state'),
    by: text('staff or store: who changed the state'),
    note: textOrNull('what was found'),
    pick: Type.Optional(
      Type.Object(
        {
          dueAtMs: timeMs('when it has to stand picked'),
          handover: text('pickup or delivery'),
          lines: Type.Array(
            Type.Object({
              gtin: text('GTIN, 14 digits'),
              name: text('name of the item'),
              quantity: units('to fetch there'),
              unit,
              facing: textOrNull('where it lies; null for the backroom'),
            }),
            { description: 'in the order in which to walk' },
          ),
        },
        { description: 'of an order: what to fetch' },
      ),
    ),
  },
  { title: 'Task' },
);

export const Availability: TSchema = Type.Object(
  {
    day: text("ISO date in the store's time zone"),
    facingMinutes: Type.Integer({ description: 'minutes of the day over all facings' }),
    stockedMinutes: Type.Integer({ description: 'of these, with at least one unit' }),
    share: share('on-shelf availability'),
    soldUnits: units('on receipts'),
  },
  { title: 'Availability' },
);

export const Forecast: TSchema = Type.Object(
  {
    gtin: text('GTIN, 14 digits'),
    day: text('last day that was learned'),
    daysLearned: Type.Integer({ description: 'days on which it could be bought' }),
    meanPerDay: Type.Number({ description: 'demand of an average day, units' }),
    reorderPoint: units('at which to order'),
    onHand: units('in the backroom and on the shelves'),
    orderNow: Type.Boolean({ description: 'whether there is no more than the reorder point' }),
  },
  { title: 'Forecast' },
);
