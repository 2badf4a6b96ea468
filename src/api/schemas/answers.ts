import Type, { type TSchema } from 'typebox';

/** Answer schemas: they describe `store/views.ts` in openapi.json. Answers are sent as they are, never trimmed by these. */

/** A list as an answer. */
export const listOf = (schema: TSchema): TSchema => Type.Array(schema);

const nullable = (schema: TSchema, description: string) => Type.Union([schema, Type.Null()], { description });
const timeMs = (description: string) => Type.Integer({ description: `${description}, Unix ms` });
const timeOrNull = (description: string) => nullable(Type.Integer(), `${description}, Unix ms`);
const units = (description: string) => Type.Integer({ description: `${description}, units` });
const text = (description: string) => Type.String({ description });
const minorOrNull = (description: string) => nullable(Type.Integer(), `${description}, minor units (cents)`);

const shareOrNull = (description: string) => nullable(Type.Number({ minimum: 0, maximum: 1 }), description);

export const Stock: TSchema = Type.Object(
  {
    gtin: text('GTIN, 14 digits'),
    name: text('name of the item'),
    temperatureClass: text('ambient, chilled or frozen'),
    places: Type.Record(Type.String(), Type.Integer(), {
      description: 'units in every place that is not zero; facings as `shelf:<facing>`',
    }),
    onShelf: units('on all its facings'),
    confidence: shareOrNull(
      'probability that the count of all its facings is right; null before anything was heard of it',
    ),
    backroom: units('in the backroom'),
    inCart: units('taken and not yet paid'),
    reserved: units('held for orders'),
    availableToPromise: units('that may still be promised, never below 0'),
    unit: Type.Optional(Type.Literal('g', { description: 'sold by weight: all quantities are grams' })),
    piecesOnShelf: Type.Optional(
      Type.Object(
        { least: Type.Integer(), most: Type.Integer() },
        { description: 'how many pieces of what is sold by weight may be on the shelves' },
      ),
    ),
    updatedAtMs: timeOrNull('last movement'),
    seq: Type.Integer({ description: 'log sequence of the last movement that this includes' }),
  },
  {
    title: 'Stock',
    examples: [
      {
        gtin: '04006381333931',
        name: 'Oat drink 1 l',
        temperatureClass: 'ambient',
        places: { 'shelf:A1-1': 9, backroom: 24, cart: 1, customer: 6, supplier: -40 },
        onShelf: 9,
        confidence: 0.993,
        backroom: 24,
        inCart: 1,
        reserved: 2,
        availableToPromise: 31,
        updatedAtMs: 1767600000000,
        seq: 1042,
      },
    ],
  },
);

const Evidence = Type.Unknown({ description: "a document's key, or the weights that were seen" });

export const Movement = Type.Object(
  {
    seq: Type.Integer({ description: 'log sequence' }),
    gtin: text('GTIN, 14 digits'),
    from: text('place it left'),
    to: text('place it reached'),
    quantity: units('moved, at least 1'),
    cause: text('what led to it, such as pick, sale, delivery, count, refund, waste or hand_over'),
    confidence: Type.Number({ minimum: 0, maximum: 1, description: 'probability of item and count' }),
    originConfidence: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'probability that they came from there' }),
    ),
    unit: Type.Optional(Type.Literal('g', { description: 'sold by weight: quantities are grams' })),
    corrects: Type.Optional(
      Type.Unknown({ description: 'evidence of the movement that it takes back or makes in its stead' }),
    ),
    evidence: Evidence,
    eventTimeMs: timeMs('when it happened'),
    receivedTimeMs: timeMs('when we heard of it'),
  },
  { title: 'Movement' },
);

export const Facing: TSchema = Type.Object(
  {
    facing: text('id of the facing'),
    fixture: text('fixture it is in'),
    shelf: text('shelf of the fixture'),
    position: Type.Integer({ description: 'place on the shelf, from the left' }),
    gtin: text('GTIN, 14 digits'),
    name: text('name of the item'),
    quantity: units('here'),
    confidence: shareOrNull(
      'probability that the quantity is right: by its weight, or falling with each day and unit since the last count',
    ),
    unit: Type.Optional(Type.Literal('g', { description: 'sold by weight: quantities are grams' })),
    capacity: units('that fit here'),
    minimum: units('below which it should be refilled'),
    backroom: units('of the item in the backroom'),
    countedBy: text('weights or documents'),
    trouble: nullable(Type.String(), 'why its weights cannot be trusted now'),
    label: nullable(Type.String(), 'device id of its label'),
    priceShownMinor: minorOrNull('price that the label acknowledged'),
    changedAtMs: timeOrNull('last change of the count'),
  },
  { title: 'Facing' },
);

export const Value: TSchema = Type.Object(
  {
    device: text('device id'),
    point: text('what is measured'),
    unit: text('UCUM unit'),
    value: Type.Unknown({ description: 'number, true or false, or text; null exactly when bad' }),
    quality: Type.Unknown({ description: 'level good, uncertain or bad; the last two with a reason' }),
    eventTimeMs: timeMs('when it was measured'),
    receivedTimeMs: timeMs('when we heard of it'),
    lastGood: Type.Unknown({ description: 'the last good value and its time, or null' }),
  },
  { title: 'Value' },
);

export const Device: TSchema = Type.Object(
  {
    device: text('device id'),
    profile: text('name of its profile'),
    model: text('vendor and model'),
    kind: text('shelf, label, refrigeration, climate, energy, scale, footfall or till'),
    protocol: text('mqtt, modbus or opcua'),
    boundTo: text('what it serves in the store'),
    state: text('online, degraded, offline or unknown'),
    reason: nullable(Type.String(), 'why it is not online'),
    sinceMs: timeOrNull('since when it is in this state'),
    lastSeenMs: timeOrNull('last sign of life'),
    vitals: nullable(
      Type.Object({
        errorRate: nullable(Type.Number(), 'share of the last minutes that failed, 0 to 1'),
        roundTripMs: nullable(Type.Number(), 'median time to an answer'),
        clockOffsetMs: nullable(Type.Integer(), 'clock of the device less ours'),
        detail: nullable(Type.String(), 'the latest trouble in words'),
      }),
      'how it does beyond its state',
    ),
    values: Type.Array(Value),
  },
  { title: 'Device' },
);

export const ColdUnit: TSchema = Type.Object(
  {
    unit: text('name of the fridge or room'),
    name: text('name for people'),
    device: text('device id'),
    temperatureClass: text('chilled or frozen'),
    minCelsius: Type.Number(),
    maxCelsius: Type.Number(),
    temperature: nullable(Value, 'the temperature that counts'),
    values: Type.Array(Value),
    alarms: Type.Array(
      Type.Object({
        unit: text('name of the unit'),
        alarm: text('too_warm, too_cold or no_data'),
        sinceMs: timeMs('when the excursion began'),
        celsius: nullable(Type.Number(), 'temperature at the alarm'),
        limitCelsius: nullable(Type.Number(), 'limit that was passed'),
      }),
    ),
  },
  { title: 'ColdUnit' },
);

const celsius = nullable(Type.Number(), 'degrees Celsius; null when the minute had no good sample');
export const TemperatureMinute: TSchema = Type.Object(
  {
    minuteMs: timeMs('start of the minute'),
    minCelsius: celsius,
    meanCelsius: celsius,
    maxCelsius: celsius,
  },
  { title: 'TemperatureMinute' },
);

export const FootfallBin: TSchema = Type.Object(
  {
    door: text('name of the door'),
    startMs: timeMs('start of the bin'),
    in: Type.Integer({ description: 'people in' }),
    out: Type.Integer({ description: 'people out' }),
  },
  { title: 'FootfallBin' },
);

export const Label: TSchema = Type.Object(
  {
    label: text('device id'),
    facing: text('facing it hangs on'),
    gtin: text('GTIN, 14 digits'),
    name: text('name of the item'),
    currency: text('ISO 4217'),
    wantedMinor: minorOrNull('price that ought to be shown'),
    shownMinor: minorOrNull('last price that the label acknowledged'),
    state: text('requested, shown, failed or never'),
    detail: nullable(Type.String(), 'what the label said'),
    changedAtMs: timeOrNull('last change'),
  },
  { title: 'Label' },
);

export const Reservation: TSchema = Type.Object(
  {
    reservation: text('id'),
    state: text('refused, temporary, pending, confirmed, staged, handed_over, released or expired'),
    lines: Type.Array(Type.Object({ gtin: text('GTIN'), quantity: units('held') })),
    expiresAtMs: timeOrNull('when it ends by itself'),
    reason: nullable(Type.String(), 'why it was refused'),
  },
  { title: 'Reservation' },
);

export const Health: TSchema = Type.Object(
  {
    status: text('ok, or degraded when any part is not ok'),
    store: Type.Object({
      gln: text('Global Location Number'),
      name: text('name of the store'),
      timeZone: text('IANA zone'),
      currency: text('ISO 4217'),
    }),
    version: text('version of the gateway'),
    startedAtMs: timeMs('start of the process'),
    nowMs: timeMs("the gateway's clock"),
    parts: Type.Array(
      Type.Object({
        name: text('name of the part'),
        state: text('starting, ok, degraded, failed, stopping or stopped'),
        detail: nullable(Type.String(), 'one sentence for a person'),
      }),
    ),
  },
  { title: 'Health' },
);

const seq = nullable(Type.Integer(), 'log sequence of its first fact; null when it led to none');
export const Accepted: TSchema = Type.Object(
  { status: Type.Literal('accepted'), seq },
  {
    description: 'Committed. It will survive a power cut.',
    examples: [{ status: 'accepted', seq: 1043 }],
  },
);
export const Duplicate: TSchema = Type.Object(
  { status: Type.Literal('duplicate'), seq },
  { description: 'The same document arrived before; nothing changed.' },
);
export const ErrorAnswer: TSchema = Type.Object(
  {
    error: Type.Object({
      code: text('invalid, not_found, conflict, insufficient, expired, busy, storage ...'),
      message: text('place, value and mend, in one sentence'),
      retry: Type.Boolean({ description: 'the same request may work later' }),
    }),
  },
  {
    description: 'Refused; nothing changed.',
    examples: [
      {
        error: {
          code: 'invalid',
          message: 'body.lines[0].quantity is 0; it must be a whole number of units, 1 to 100000',
          retry: false,
        },
      },
    ],
  },
);
