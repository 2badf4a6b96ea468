import * as coldChain from '../domain/cold-chain/cold-chain.ts';
import type { ColdUnitConfig } from '../domain/cold-chain/cold-unit.ts';
import * as configuration from '../domain/configuration/configuration.ts';
import type { Policies } from '../domain/configuration/facts.ts';
import * as devices from '../domain/devices/devices.ts';
import * as footfall from '../domain/footfall/footfall.ts';
import type { LabelsFact } from '../domain/labels/facts.ts';
import * as labels from '../domain/labels/labels.ts';
import type { ShelfWorkFact } from '../domain/shelf-work/facts.ts';
import { isHeard } from '../domain/shelf-work/heard.ts';
import type { ShelfWorkConfig } from '../domain/shelf-work/shelf-book.ts';
import * as shelfWork from '../domain/shelf-work/shelf-work.ts';
import type { StockFact } from '../domain/stock/facts.ts';
import type { StockConfig } from '../domain/stock/planogram.ts';
import * as stock from '../domain/stock/stock.ts';
import type { DocumentReading, Reading, TickReading } from '../readings/reading.ts';
import type { Gtin } from '../shared/gtin.ts';
import { ok, type Result } from '../shared/result.ts';
import type { Fact, LogEntry } from '../store/fact.ts';
import type { FacingTrust, Store } from '../store/store.ts';
import { createTrustBook, type TrustBook } from './facing-trust.ts';
import type { Domains } from './step.ts';

/** What of the settings follows from the policies in force. */
export interface PolicySettings {
  readonly safetyStock: number;
  readonly coldUnits: readonly ColdUnitConfig[];
  /** Minutes of people in one fact. */
  readonly footfallMinutes: number;
}

export interface DomainSettings {
  readonly policies: {
    /** Those of the store's own files. */
    readonly files: Policies;
    /** Stored ones, with a default for each that this software knows and they do not. */
    whole(policies: Policies): Policies;
    /** Whether these then mean something to this software. */
    isUsable(policies: Policies): boolean;
    settingsOf(policies: Policies): PolicySettings;
  };
  readonly stock: Omit<StockConfig, 'safetyStock'>;
  readonly shelfWork: ShelfWorkConfig;
  readonly counters: readonly footfall.CounterConfig[];
  readonly labels: readonly labels.LabelConfig[];
  readonly currency: string;
  readonly sitePrices: ReadonlyMap<Gtin, number>;
}

/** How far back the stock's own facts are: open picks, receipts that may be cancelled, refill credits. */
const DAY_MS = 24 * 60 * 60_000;

/** How far back facts are folded again after a restart: excursions are younger. */
function recentMs({ coldUnits }: PolicySettings): number {
  return Math.max(15 * 60_000, ...coldUnits.map(({ alarmAfterMs }) => alarmAfterMs + 60_000));
}

const usableSettings = ({ policies }: DomainSettings, wanted: Policies): PolicySettings =>
  policies.settingsOf(policies.isUsable(wanted) ? wanted : policies.files);

/** All domains in the state in which the store's log leaves them. */
export function restoreDomains(settings: DomainSettings, store: Store, nowMs: number): AllDomains {
  const latest = store.latestFacts();
  const book = configuration.createConfigurationBook(settings.policies.files);
  for (const fact of factsOf(latest, ['configuration'])) {
    configuration.apply(book, { ...fact, policies: settings.policies.whole(fact.policies) });
  }
  const underPolicies = usableSettings(settings, configuration.inForce(book).policies);
  const recentFromMs = nowMs - recentMs(underPolicies);
  const replayFromMs = shelfWork.replayFrom(settings.shelfWork.timeZone, nowMs);
  const replayed = store.entriesSince(Math.min(recentFromMs, replayFromMs));
  const recent = replayed.filter(({ eventTimeMs }) => eventTimeMs >= recentFromMs);
  const bySeq = new Map([...latest, ...recent].map(entry => [entry.seq, entry]));
  const known = [...bySeq.values()].toSorted((a, b) => a.seq - b.seq);
  const stored = store.facingTrust();
  const stockState = stock.createStock(
    { ...settings.stock, safetyStock: underPolicies.safetyStock },
    savedStock(store, stored, nowMs),
  );
  const trust = createTrustBook(stored, stockState);
  const work = savedWork(store, latest, replayed);
  const states: States = {
    configuration: book,
    stock: stockState,
    trust,
    coldChain: coldChain.createColdChainState({ units: underPolicies.coldUnits }),
    footfall: footfall.createFootfallState({
      counters: settings.counters,
      summaryMinutes: underPolicies.footfallMinutes,
    }),
    labels: labels.createLabelsState({ labels: settings.labels, currency: settings.currency }),
    devices: devices.createDevicesState(),
    shelfWork: shelfWork.createShelfWork(settings.shelfWork, work, nowMs, trust.weighed),
  };
  coldChain.restore(states.coldChain, factsOf(known, ['temperature', 'cold_alarm']));
  footfall.restore(states.footfall, factsOf(known, ['footfall']));
  labels.restore(states.labels, factsOf(known, ['price', 'label', 'price_list']));
  devices.restore(states.devices, factsOf(known, ['device']));
  return {
    startFacts: [
      ...configuration.start(book, settings.policies.isUsable, nowMs),
      ...labels.start(states.labels, settings.sitePrices),
    ],
    decide: reading => decide(states, reading),
    apply: (fact, eventTimeMs) => apply(states, settings, fact, eventTimeMs),
    react: (facts, { receivedTimeMs }) =>
      shelfWork.react(states.shelfWork, facts.filter(isHeard), receivedTimeMs),
    takeTrust: () => trust.take(states.shelfWork),
    takeCheckpoints: () => stock.takeCheckpoints(states.stock),
    footfallNow: () => footfall.current(states.footfall),
    configuration: () => configuration.inForce(book),
    priceList: () => states.labels.list?.list ?? '',
  };
}

/**
 * The domains at the start of the gateway, with what the site file changed since the last start committed. Throws
 * when the database cannot take it.
 */
export function startDomains(settings: DomainSettings, store: Store, nowMs: number): AllDomains {
  const domains = restoreDomains(settings, store, nowMs);
  const entries = domains.startFacts.map(fact => ({ fact, eventTimeMs: nowMs, receivedTimeMs: nowMs }));
  if (entries.length > 0) store.commit({ entries, keys: [], plates: [] });
  for (const fact of domains.startFacts) domains.apply(fact, nowMs);
  return domains;
}

export interface AllDomains extends Domains {
  /** What a start changes: a configuration that is taken back, prices of the site file, labels that must be told. */
  readonly startFacts: readonly Fact[];
  /** People of the minute under way, which no fact holds yet. */
  footfallNow(): readonly footfall.RunningMinute[];
  configuration(): configuration.InForce;
  /** Name of the price list in force; empty before the first. */
  priceList(): string;
}

interface States {
  readonly configuration: configuration.ConfigurationBook;
  readonly stock: stock.StockState;
  readonly coldChain: coldChain.ColdChainState;
  readonly footfall: footfall.FootfallState;
  readonly labels: labels.LabelsState;
  readonly devices: devices.DevicesState;
  readonly shelfWork: shelfWork.ShelfWorkState;
  readonly trust: TrustBook;
}

function savedStock(store: Store, trust: readonly FacingTrust[], nowMs: number): stock.SavedStock {
  return {
    balances: store.balances(),
    reservations: store.openReservations(),
    plates: store.plateCheckpoints(),
    contents: new Map(trust.flatMap(({ facing, contents }) => (contents ? [[facing, contents]] : []))),
    illPlates: factsOf(store.latestFacts(), ['plate_trouble']).filter(({ state }) => state === 'raised'),
    standing: store
      .latestFacts()
      .filter((entry): entry is LogEntry & { fact: StockFact } =>
        ['notice', 'lease', 'unit_weight'].includes(entry.fact.type),
      ),
    recent: store
      .stockEntriesSince(nowMs - DAY_MS)
      .filter((entry): entry is LogEntry & { fact: StockFact } => isStockFact(entry.fact)),
  };
}

const savedWork = (
  store: Store,
  latest: readonly LogEntry[],
  replayed: readonly LogEntry[],
): shelfWork.SavedShelfWork => ({
  balances: store.balances(),
  latest: latest.flatMap(({ fact, eventTimeMs }) => (isShelfWorkFact(fact) ? [{ fact, eventTimeMs }] : [])),
  recent: replayed.flatMap(({ fact, eventTimeMs, receivedTimeMs }) =>
    isHeard(fact) ? [{ fact, eventTimeMs, receivedTimeMs }] : [],
  ),
});

/** Who hears what. Points and weights cannot be refused; documents and acks can. */
function decide(states: States, reading: Reading): Result<readonly Fact[]> {
  switch (reading.kind) {
    case 'weights':
      return stock.decide(states.stock, reading);
    case 'point':
      return ok([
        ...coldChain.decide(states.coldChain, reading),
        ...footfall.decide(states.footfall, reading),
      ]);
    case 'presence':
      return ok(devices.decide(states.devices, reading));
    case 'ack':
      return labels.decide(states.labels, reading);
    case 'document':
      return decideDocument(states, reading);
    case 'tick':
      return tick(states, reading);
  }
}

function decideDocument(states: States, reading: DocumentReading): Result<readonly Fact[]> {
  switch (reading.document.type) {
    case 'price_list':
      return labels.decide(states.labels, reading);
    case 'configure':
      return configuration.decideConfigure(states.configuration, reading.document, reading.receivedTimeMs);
    case 'settle_configuration':
      return ok(configuration.decideSettle(states.configuration, reading.document, reading.receivedTimeMs));
    case 'task':
      return shelfWork.decideDocument(states.shelfWork, reading);
    case 'people':
      return footfall.decideReport(states.footfall, { ...reading, document: reading.document });
    default:
      return stock.decide(states.stock, reading);
  }
}

function tick(states: States, reading: TickReading): Result<readonly Fact[]> {
  const stockFacts = stock.decide(states.stock, reading);
  if (!stockFacts.ok) return stockFacts;
  return ok([
    ...stockFacts.value,
    ...coldChain.decide(states.coldChain, reading),
    ...footfall.decide(states.footfall, reading),
    ...shelfWork.decideTick(states.shelfWork, reading),
  ]);
}

function apply(states: States, { policies }: DomainSettings, fact: Fact, eventTimeMs: number): void {
  if (fact.type === 'temperature' || fact.type === 'cold_alarm') coldChain.apply(states.coldChain, fact);
  else if (fact.type === 'footfall') footfall.apply(states.footfall, fact);
  else if (isLabelsFact(fact)) labels.apply(states.labels, fact);
  else if (fact.type === 'configuration') {
    configuration.apply(states.configuration, fact);
    putInForce(states, policies.settingsOf(fact.policies));
  } else if (fact.type === 'device') devices.apply(states.devices, fact);
  else if (isShelfWorkFact(fact)) shelfWork.apply(states.shelfWork, fact, eventTimeMs);
  else if (isStockFact(fact)) {
    stock.apply(states.stock, fact, eventTimeMs);
    if (isHeard(fact)) shelfWork.listen(states.shelfWork, fact, eventTimeMs);
  }
  states.trust.hear(fact);
}

/** Every domain that follows a policy hears of it here, within the batch that commits it. */
function putInForce(states: States, { safetyStock, coldUnits, footfallMinutes }: PolicySettings): void {
  states.footfall.summaryMinutes = footfallMinutes;
  states.stock.safetyStock = safetyStock;
  coldChain.setLimits(states.coldChain, coldUnits);
}

const isLabelsFact = (fact: Fact): fact is LabelsFact =>
  fact.type === 'price' || fact.type === 'label' || fact.type === 'price_list';

const isShelfWorkFact = (fact: Fact): fact is ShelfWorkFact =>
  fact.type === 'task' || fact.type === 'item_day';

const OTHERS: readonly Fact['type'][] = [
  'temperature',
  'cold_alarm',
  'footfall',
  'price',
  'label',
  'price_list',
  'device',
  'task',
  'item_day',
  'discarded',
  'outage_receipt',
  'configuration',
  'backlog_level',
];

function isStockFact(fact: Fact): fact is StockFact {
  return !OTHERS.includes(fact.type);
}

function factsOf<Type extends Fact['type']>(entries: readonly LogEntry[], types: readonly Type[]) {
  const wanted: readonly string[] = types;
  return entries
    .map(({ fact }) => fact)
    .filter((fact): fact is Extract<Fact, { type: Type }> => wanted.includes(fact.type));
}
