import fc from 'fast-check';
import { CAUSES, PLATE_TROUBLES, RESERVATION_STATES } from '../../src/cloud/encode-terms.ts';
import { type Gtin, gs1CheckDigit } from '../../src/shared/gtin.ts';
import type { Fact } from '../../src/store/outbox.ts';

type FactOf<T extends Fact['type']> = Extract<Fact, { type: T }>;
type Place = FactOf<'movement'>['from'];

/** A valid GTIN for each number. */
export function gtinOf(number: number): Gtin {
  const body = `0952132${String(number).padStart(6, '0')}`;
  return `${body}${gs1CheckDigit(body)}` as Gtin;
}

/** One unit of item 1 from a shelf to a cart, and variations of it. */
export const pick = (change: Partial<FactOf<'movement'>> = {}): FactOf<'movement'> => ({
  type: 'movement',
  gtin: gtinOf(1),
  from: 'shelf:A1-1',
  to: 'cart',
  quantity: 1,
  cause: 'pick',
  confidence: 0.98,
  evidence: {
    kind: 'weights',
    device: 'shelf-a1',
    plates: [1],
    deltaGrams: -250.5,
    onsetMs: 1_767_600_000_012.5,
    settledMs: 1_767_600_000_612.5,
  },
  ...change,
});

const text = fc.string({ maxLength: 12 });
const gtin = fc.integer({ min: 0, max: 999_999 }).map(gtinOf);
const quantity = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const small = fc.integer({ min: 0, max: 2 ** 31 });
const probability = fc.double({ min: 0, max: 1, noNaN: true });
const unixMs = fc.integer({ min: 0, max: 4_102_444_800_000 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const grams = fc.double({ noNaN: true, noDefaultInfinity: true });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const unit = fc.constantFrom('g' as const, undefined);
const terms = { dueAtMs: unixMs, handover: fc.constantFrom('pickup' as const, 'delivery' as const) };
const missed = fc.constantFrom('not_found' as const, undefined);
const inGrams = fc.constant('g' as const);
const lines = fc.array(fc.record({ gtin, quantity, unit: inGrams }, { requiredKeys: ['gtin', 'quantity'] }), {
  maxLength: 4,
});
const reason = fc.constantFrom('comms', 'stale', 'range', 'sentinel', 'clock', 'format', 'device');
const place: fc.Arbitrary<Place> = fc.oneof(
  fc.constantFrom<Place>('backroom', 'cart', 'staged', 'hold', 'returns'),
  fc.constantFrom<Place>('supplier', 'customer', 'waste', 'unaccounted'),
  fc.constantFrom<Place>('shelf:A1-1', 'shelf:C2-5'),
);
const evidence: fc.Arbitrary<FactOf<'movement'>['evidence']> = fc.oneof(
  fc.record({ kind: fc.constant('document'), key: text }),
  fc.record({
    kind: fc.constant('weights'),
    device: text,
    plates: fc.array(small, { maxLength: 3 }),
    deltaGrams: grams,
    onsetMs: unixMs,
    settledMs: unixMs,
  }),
);
const cause = fc.constantFrom<FactOf<'movement'>['cause']>(
  ...(Object.keys(CAUSES) as FactOf<'movement'>['cause'][]),
);

const record = <T extends Fact['type']>(
  type: T,
  fields: { [K in Exclude<keyof FactOf<T>, 'type'>]: fc.Arbitrary<FactOf<T>[K]> },
): fc.Arbitrary<Fact> => fc.record({ type: fc.constant(type), ...fields }) as unknown as fc.Arbitrary<Fact>;

const minutes = fc.constantFrom(undefined, 15);
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytes => Buffer.from(bytes).toString('hex'));
const discards = fc.array(
  fc.record({
    of: fc.constantFrom<'footfall' | 'temperature' | 'device'>('footfall', 'temperature', 'device'),
    reason: fc.constantFrom<'budget' | 'disk_full'>('budget', 'disk_full'),
    discarded: count,
    coalesced: count,
  }),
  { maxLength: 3 },
);

const policies = fc.record({ stock: fc.record({ safetyStock: small }), retainDays: small });

/** One generator for every type of fact; a new type does not compile without one. */
export const factsByType: { readonly [T in Fact['type']]: fc.Arbitrary<Fact> } = {
  movement: record('movement', {
    unit,
    gtin,
    from: place,
    to: place,
    quantity,
    cause,
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    corrects: fc.option(evidence, { nil: undefined }),
    originConfidence: fc.option(fc.double({ min: 0.1, max: 0.9, noNaN: true }), { nil: undefined }),
    evidence,
  }),
  sale: record('sale', { key: text, till: text, lines }),
  count: record('count', { unit, key: text, gtin, place, counted: count, believed: fc.maxSafeInteger() }),
  goods: record('goods', {
    key: text,
    cause: fc.constantFrom('delivery', 'refill', 'refund', 'void', 'waste', 'transfer'),
    lines,
    sale: fc.option(
      text.filter(key => key !== ''),
      { nil: undefined },
    ),
    refill: fc.option(fc.record({ facing: text, restocked: count, putBack: count }), { nil: undefined }),
  }),
  shelf_event: record('shelf_event', {
    unit,
    facing: text,
    gtin,
    units: fc.maxSafeInteger(),
    matched: count,
    confidence: probability,
    rivals: fc.option(
      fc.array(fc.record({ facing: text, gtin, units: fc.maxSafeInteger(), probability }), {
        minLength: 1,
        maxLength: 3,
      }),
      { nil: undefined },
    ),
    evidence,
  }),
  unexplained_weight: record('unexplained_weight', { facing: text, gtin, evidence }),
  unit_weight: record('unit_weight', {
    gtin,
    change: fc.constantFrom('learned', 'pack_change'),
    catalogueGrams: grams,
    meanGrams: grams,
    sigmaGrams: grams,
    samples: grams,
  }),
  plate_trouble: record('plate_trouble', {
    device: text,
    plate: fc.integer({ min: 1, max: 255 }),
    facing: text,
    trouble: fc.constantFrom(...(Object.keys(PLATE_TROUBLES) as FactOf<'plate_trouble'>['trouble'][])),
    state: fc.constantFrom('raised', 'cleared'),
  }),
  reservation: record('reservation', {
    key: text,
    reservation: text,
    state: fc.constantFrom(...(Object.keys(RESERVATION_STATES) as FactOf<'reservation'>['state'][])),
    lines: fc.array(
      fc.record({ gtin, quantity, unit: inGrams, staged: quantity }, { requiredKeys: ['gtin', 'quantity'] }),
      {
        maxLength: 4,
      },
    ),
    expiresAtMs: maybe(unixMs),
    reason: maybe(fc.constant('only 1 of 2 is available')),
    terms: fc.option(fc.record(terms), { nil: undefined }),
  }),
  shortage: record('shortage', { unit, gtin, reservation: text, missing: quantity, cause: missed }),
  notice: record('notice', {
    key: text,
    notice: text,
    state: fc.constantFrom('announced', 'received'),
    lines,
  }),
  discrepancy: record('discrepancy', {
    unit,
    kind: fc.constantFrom('sale_without_pick', 'delivery'),
    key: text,
    gtin,
    expected: count,
    found: count,
  }),
  lease: record('lease', {
    key: text,
    lease: text,
    state: fc.constantFrom('active', 'settled'),
    gtin,
    granted: quantity,
    sold: count,
    expiresAtMs: unixMs,
  }),
  temperature: record('temperature', {
    unit: text,
    device: text,
    point: text,
    minuteMs: unixMs,
    goodSamples: small,
    badSamples: small,
    badReason: maybe(reason),
    minCelsius: maybe(grams),
    meanCelsius: maybe(grams),
    maxCelsius: maybe(grams),
    minutes,
    summaryMinutes: fc.constant(undefined),
  }),
  cold_alarm: record('cold_alarm', {
    unit: text,
    device: text,
    alarm: fc.constantFrom('too_warm', 'too_cold', 'no_data'),
    state: fc.constantFrom('raised', 'cleared'),
    sinceMs: unixMs,
    celsius: maybe(grams),
    limitCelsius: maybe(grams),
    reason: maybe(reason),
  }),
  footfall: record('footfall', {
    door: text,
    device: text,
    minuteMs: unixMs,
    in: count,
    out: count,
    rawIn: maybe(count),
    rawOut: maybe(count),
    suspect: fc.boolean(),
    minutes,
    summaryMinutes: fc.constant(undefined),
  }),
  price: record('price', { gtin, priceMinor: count, currency: fc.constant('EUR'), version: text }),
  label: record('label', {
    label: text,
    facing: text,
    gtin,
    priceMinor: count,
    currency: fc.constant('EUR'),
    name: text,
    state: fc.constantFrom('requested', 'shown', 'failed'),
    commandId: text,
    detail: maybe(fc.constant('panel torn')),
  }),
  task: record('task', {
    task: text,
    kind: fc.constantFrom(
      'shelf_gap',
      'out_of_stock',
      'phantom_stock',
      'misplaced',
      'count_request',
      'planogram',
      'new_pack',
      'order_short',
      'order_pick',
    ),
    state: fc.constantFrom('open', 'taken', 'done', 'dismissed'),
    gtin,
    facing: maybe(fc.constant('A1-1')),
    reservation: maybe(fc.constant('order-1')),
    reason: text,
    priority: count,
    openedAtMs: unixMs,
    by: fc.constantFrom('staff', 'store'),
    note: maybe(fc.constant('the tray was behind it')),
    pick: fc.option(
      fc.record({
        ...terms,
        lines: fc.array(
          fc.record(
            { gtin, quantity, unit: inGrams, facing: maybe(fc.constant('A1-1')) },
            { requiredKeys: ['gtin', 'quantity', 'facing'] },
          ),
          { maxLength: 3 },
        ),
      }),
      { nil: undefined },
    ),
  }),
  item_day: record('item_day', {
    gtin,
    day: fc.constant('2026-01-05'),
    soldUnits: count,
    facingMinutes: count,
    stockedMinutes: count,
    onShelfShare: share,
    silentUnits: count,
    facings: fc.array(fc.record({ facing: text, sure: share }), { maxLength: 3 }),
    meanPerDay: grams,
    reorderPoint: count,
    demand: fc.record({
      days: count,
      level: grams,
      weekday: fc.array(grams, { minLength: 7, maxLength: 7 }),
      size: grams,
      interval: grams,
      probability: share,
      sinceSale: count,
      variance: grams,
    }),
  }),
  discarded: record('discarded', { count, discards }),
  outage_receipt: record('outage_receipt', {
    number: count,
    fromMs: unixMs,
    toMs: unixMs,
    firstSeq: count,
    lastSeq: count,
    accepted: count,
    acknowledged: count,
    discards,
    digest: hash,
    previousDigest: hash,
  }),
  configuration: record('configuration', {
    state: fc.constantFrom('applied', 'confirmed', 'rolled_back'),
    version: count,
    sinceMs: unixMs,
    versionBefore: count,
    policies,
    changes: fc.array(fc.record({ path: text, before: text, after: text }), { maxLength: 3 }),
    highestVersion: count,
    watch: maybe(fc.record({ untilMs: unixMs, fallbackVersion: count, fallback: policies })),
    reason: maybe(fc.constant('3 errors since the change')),
  }),
  price_list: record('price_list', { list: text, version: count, highestVersion: count }),
  backlog_level: record('backlog_level', {
    level: fc.constantFrom('none', 'coalesce', 'discard', 'last'),
    reason: maybe(fc.constantFrom('budget', 'disk_full')),
    bytes: count,
    budgetBytes: count,
    oldestMs: maybe(unixMs),
    refused: fc.array(fc.record({ of: fc.constantFrom('footfall', 'temperature'), count }), { maxLength: 2 }),
  }),
  device: record('device', {
    device: text,
    state: fc.constantFrom('online', 'degraded', 'offline', 'unknown'),
    reason: maybe(reason),
  }),
};
