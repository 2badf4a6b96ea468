import Type, { type Static } from 'typebox';

/** Request schemas. Each description completes the sentence "it must be ..." of an error. */

export const closed = { additionalProperties: false } as const;
export const MAX_LINES = 1_000;

const name = (description: string, example: string, maxLength = 100) =>
  Type.String({ minLength: 1, maxLength, description, examples: [example] });

export const GtinText = Type.String({
  pattern: '^[0-9]{8}$|^[0-9]{12,14}$',
  description: 'a GTIN as text: 8, 12, 13 or 14 digits',
  examples: ['4006381333931'],
});
const Quantity = Type.Integer({
  minimum: 1,
  maximum: 100_000,
  description: 'a whole number of units, 1 to 100000',
  examples: [2],
});
const Key = name(
  "the sender's own number for this document, 1 to 200 characters; sending it again changes nothing",
  'till-1/000123',
  200,
);
const EARLIEST_MS = Date.UTC(2001, 8, 10);
const Time = Type.Optional(
  Type.Union(
    [
      Type.Integer({ minimum: EARLIEST_MS, maximum: Date.UTC(2200, 0) }),
      Type.String({
        pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})$',
      }),
    ],
    {
      description:
        'the time it happened, as Unix milliseconds or as ISO 8601 with a zone such as 2026-01-05T08:00:00Z; now when left out',
      examples: ['2026-01-05T08:00:00Z'],
    },
  ),
);
/** Exactly one of the two: whoever reads the body says so, because a union's errors help nobody. */
const measured = {
  quantity: Type.Optional(Quantity),
  grams: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      description: 'a whole number of grams, 1 to 1000000, instead of a quantity for what is sold by weight',
      examples: [734],
    }),
  ),
};
const Line = Type.Object(
  { gtin: GtinText, ...measured },
  { ...closed, description: 'an object with gtin and quantity' },
);
const Lines = Type.Array(Line, {
  minItems: 1,
  maxItems: MAX_LINES,
  description: `a list of 1 to ${MAX_LINES} lines, each with gtin and quantity`,
});
const body = { ...closed, description: 'a JSON object' };

export const SaleBody = Type.Object(
  {
    key: Key,
    till: Type.Optional(name("the till's name; `api` when left out", 'till-1')),
    time: Time,
    lines: Lines,
  },
  body,
);
const NoticeId = name("the supplier's number of the advance notice, 1 to 100 characters", 'DN-20815');
export const DeliveryBody = Type.Object(
  { key: Key, time: Time, notice: Type.Optional(NoticeId), lines: Lines },
  body,
);
export const NoticeBody = Type.Object({ key: Key, time: Time, notice: NoticeId, lines: Lines }, body);
export const RefundBody = Type.Object({ key: Key, time: Time, lines: Lines }, body);
export const VoidBody = Type.Object(
  { key: Key, time: Time, sale: name('the key of the sale, 1 to 200 characters', 'till-1/000123', 200) },
  body,
);
const Where = Type.String({
  pattern: '^(backroom|returns|shelf:.{1,100})$',
  description: '`backroom`, `returns` or `shelf:` and the id of a facing, such as shelf:A1-1',
  examples: ['shelf:A1-1'],
});
export const WasteBody = Type.Object({ key: Key, time: Time, from: Where, lines: Lines }, body);
export const TransferBody = Type.Object({ key: Key, time: Time, from: Where, to: Where, lines: Lines }, body);
export const CountBody = Type.Object(
  {
    key: Key,
    time: Time,
    gtin: GtinText,
    place: Type.String({
      pattern: '^(backroom|shelf:.{1,100})$',
      description: '`backroom` or `shelf:` and the id of a facing, such as shelf:A1-1',
      examples: ['shelf:A1-1'],
    }),
    quantity: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100_000,
        description: 'a whole number of units, 0 to 100000',
      }),
    ),
    grams: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description:
          'a whole number of grams, 0 to 1000000, instead of a quantity for what is sold by weight',
      }),
    ),
  },
  body,
);
export const RefillBody = Type.Object(
  {
    key: Key,
    time: Time,
    facing: name('the id of a facing, such as A1-1', 'A1-1'),
    ...measured,
  },
  body,
);
export const PriceListBody = Type.Object(
  {
    key: Key,
    time: Time,
    version: name('the name of this price list, 1 to 100 characters', '2026-W02'),
    prices: Type.Array(
      Type.Object(
        {
          gtin: GtinText,
          price: Type.String({
            pattern: '^\\d{1,7}(\\.\\d{1,3})?$',
            description: 'a price as text with a decimal point, such as "1.99"',
            examples: ['1.99'],
          }),
        },
        { ...closed, description: 'an object with gtin and price' },
      ),
      { minItems: 1, maxItems: MAX_LINES, description: `a list of 1 to ${MAX_LINES} prices` },
    ),
  },
  body,
);
const ReservationId = name('the id of the reservation, 1 to 100 characters', 'order-4711');
export const ReservationBody = Type.Object(
  {
    key: Key,
    time: Time,
    reservation: ReservationId,
    lines: Lines,
    expiresInSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 30 * 86_400,
        description: 'a whole number of seconds, 1 to 2592000; the reservation has no end when left out',
        examples: [900],
      }),
    ),
  },
  body,
);
export const ReleaseBody = Type.Object({ key: Key, time: Time }, body);
/** Confirming and handing over need no more than releasing does. */
export const StateBody = ReleaseBody;
const EndTime = (description: string) =>
  Type.Integer({ minimum: EARLIEST_MS, maximum: Date.UTC(2200, 0), description });
export const ExtendBody = Type.Object(
  {
    key: Key,
    time: Time,
    expiresAtMs: Type.Optional(EndTime('the new end as Unix milliseconds; no end when left out')),
  },
  body,
);
export const ConfirmBody = Type.Object(
  {
    key: Key,
    time: Time,
    dueAtMs: Type.Optional(
      EndTime('when it has to stand picked, Unix milliseconds; in two hours when left out'),
    ),
    handover: Type.Optional(
      Type.Union([Type.Literal('pickup'), Type.Literal('delivery')], {
        description: 'how it leaves the store, pickup or delivery; pickup when left out',
        examples: ['delivery'],
      }),
    ),
  },
  body,
);
export const PickedBody = Type.Object(
  {
    key: Key,
    time: Time,
    lines: Type.Array(Type.Object({ gtin: GtinText, ...measured, from: Where }, closed), {
      maxItems: MAX_LINES,
      description: `0 to ${MAX_LINES} objects with gtin, quantity and from: all that was found, and nothing more`,
    }),
  },
  body,
);
export const StageBody = Type.Object({ key: Key, time: Time, from: Where, lines: Lines }, body);
const LeaseId = name('the id of the lease, 1 to 100 characters', 'lease-2026-01-05');
export const LeaseBody = Type.Object(
  {
    key: Key,
    time: Time,
    lease: LeaseId,
    gtin: GtinText,
    quantity: Quantity,
    expiresAtMs: EndTime('the end as Unix milliseconds, after which the cloud promises no more of it'),
  },
  body,
);
export const LeaseReportBody = Type.Object(
  {
    key: Key,
    time: Time,
    sold: Type.Array(
      Type.Object(
        { reservation: ReservationId, quantity: Quantity },
        { ...closed, description: 'an object with reservation and quantity' },
      ),
      { maxItems: MAX_LINES, description: `a list of at most ${MAX_LINES} orders` },
    ),
    final: Type.Boolean({ description: 'true or false: whether the rest of the lease is given back' }),
  },
  body,
);
export const LeaseParams = Type.Object({ id: LeaseId }, closed);

export const TaskBody = Type.Object(
  {
    key: Key,
    time: Time,
    note: Type.Optional(
      name('what was found, 1 to 200 characters, without the name of a person', 'behind the tray', 200),
    ),
  },
  body,
);

export const TaskParams = Type.Object(
  { id: name('the id of a task, as /api/v1/tasks has it', 'shelf_gap-A1-1-1767600000000', 200) },
  closed,
);
export const FacingParams = Type.Object({ facing: name('the id of a facing, such as A1-1', 'A1-1') }, closed);
export const GtinParams = Type.Object({ gtin: GtinText }, closed);
export const SeqParams = Type.Object(
  { seq: Type.String({ pattern: '^[1-9][0-9]{0,14}$', description: 'log sequence of a movement' }) },
  closed,
);
export const ReservationParams = Type.Object({ id: ReservationId }, closed);
export const UnitParams = Type.Object({ unit: name('the name of a cold unit', 'Dairy case') }, closed);

const whole = (minimum: number, maximum: number, fallback: number, what: string) =>
  Type.Integer({
    minimum,
    maximum,
    default: fallback,
    description: `${what}, a whole number from ${minimum} to ${maximum}`,
  });
const movementLimit = whole(1, 1_000, 100, 'how many movements at most');
export const RecentQuery = Type.Object({ limit: movementLimit }, closed);
export const MovementsQuery = Type.Object(
  {
    limit: movementLimit,
    before: Type.Optional(
      Type.Integer({ minimum: 1, description: 'a log sequence; only older movements are answered' }),
    ),
  },
  closed,
);
export const DaysQuery = Type.Object({ days: whole(1, 366, 14, 'days back') }, closed);
export const TemperaturesQuery = Type.Object({ minutes: whole(1, 44_640, 360, 'minutes back') }, closed);
export const FootfallQuery = Type.Object(
  { hours: whole(1, 744, 24, 'hours back'), bin: whole(1, 1_440, 60, 'minutes of one bin') },
  closed,
);

export type LinesBody = Static<typeof Lines>;
export type WhereBody = Static<typeof Where>;
export type TimeBody = Static<typeof DeliveryBody>['time'];
