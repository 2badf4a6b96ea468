import { createRandom } from '../../simulators/world/random.ts';
import type { MovementFact } from '../../src/domain/stock/facts.ts';
import type { SaleDocument } from '../../src/readings/documents.ts';
import type { LogEntry } from '../../src/store/fact.ts';
import type { Queries } from '../../src/store/views.ts';
import { createStoreRun, loadDemo, type StoreRun } from './store-run.ts';
import { createStoredBooks } from './stored-books.ts';
import { createWitness, type Witness } from './witness.ts';

export interface ExplainedOptions {
  readonly seed: number;
  readonly hours: number;
  /** Movements that are picked at random and asked about. */
  readonly picked: number;
}

/** One kind of movement: how many there were, how many somebody was sure of, and of these the wrong ones. */
export interface CauseTally {
  movements: number;
  sure: number;
  sureWrong: number;
  unsureWrong: number;
}

export interface ExplainedDay {
  readonly movements: number;
  readonly picked: number;
  /** Picked ones whose explanation named weights or entries of the log. */
  readonly named: number;
  readonly unnamed: readonly string[];
  readonly byCause: Readonly<Record<string, CauseTally>>;
}

/** 10 o'clock in Berlin. */
const OPENS_MS = Date.UTC(2026, 0, 5, 9);
const SURE = 0.95;
/** Shares of the day in which the till is cut off; its receipts arrive afterwards, with their own times. */
const TILL_OFFLINE = [0.4, 0.65] as const;

/** A day of the demo store with thieves, misplacing shoppers and a cut-off till, through step and database. */
export function runExplainedDay({ seed, hours, picked }: ExplainedOptions): ExplainedDay {
  const site = loadDemo();
  const closesMs = OPENS_MS + hours * 3_600_000;
  const judged: { readonly seq: number; readonly fact: MovementFact; readonly agrees: boolean }[] = [];
  let witness: Witness | null = null;
  const books = createStoredBooks(site, OPENS_MS, entries => {
    if (witness) judge(entries, witness, books.queries, judged);
  });
  const late: { readonly sale: SaleDocument; readonly atMs: number }[] = [];
  const isOffline = (atMs: number) => {
    const share = (atMs - OPENS_MS) / (closesMs - OPENS_MS);
    return share >= TILL_OFFLINE[0] && share < TILL_OFFLINE[1];
  };
  const run: StoreRun = createStoreRun(site, books, {
    seed,
    busy: 1,
    startMs: OPENS_MS,
    devices: new Set(site.devices.keys()),
    onSale(sale) {
      witness?.paid(sale);
      if (isOffline(run.nowMs())) late.push({ sale, atMs: run.nowMs() });
      else run.file(sale);
    },
  });
  books.settle();
  witness = createWitness(run.world, OPENS_MS);
  run.world.misconduct.theft = true;
  run.world.misconduct.misplacing = true;
  run.world.open();
  while (run.nowMs() < closesMs) {
    run.tick();
    witness.look();
    const nowMs = run.nowMs();
    if (late.length > 0 && !isOffline(nowMs))
      for (const { sale, atMs } of late.splice(0)) run.file(sale, atMs);
    if (nowMs % 1000 === 0) books.settle();
  }
  books.settle();
  const asked = ask(createRandom(seed).fork('asked'), judged, picked, books.queries);
  books.close();
  return { movements: judged.length, ...asked, byCause: tally(judged) };
}

/** The book is what is committed, so each movement is judged against it less those of its batch that follow. */
function judge(
  entries: readonly LogEntry[],
  witness: Witness,
  queries: Queries,
  judged: { seq: number; fact: MovementFact; agrees: boolean }[],
): void {
  for (const { fact } of entries) if (fact.type === 'shelf_event') witness.hear(fact);
  const book = new Map(queries.facings().map(({ facing, quantity }) => [facing, quantity]));
  for (const { fact, seq } of entries) {
    if (fact.type !== 'movement') continue;
    judged.push({ seq, fact, agrees: witness.agrees(fact, facing => book.get(facing) ?? 0) });
  }
}

function ask(
  random: ReturnType<typeof createRandom>,
  judged: readonly { readonly seq: number; readonly fact: MovementFact }[],
  picked: number,
  queries: Queries,
) {
  const unnamed: string[] = [];
  const left = [...judged];
  let asked = 0;
  for (; asked < picked && left.length > 0; asked++) {
    const [{ seq, fact }] = left.splice(random.integer(0, left.length - 1), 1) as [(typeof left)[number]];
    const why = queries.whyMovement(seq);
    const isNamed = why && (why.evidence.kind === 'weights' || why.sources.length > 0);
    if (!isNamed) unnamed.push(`${fact.cause} ${JSON.stringify(fact.evidence)}`);
  }
  return { picked: asked, named: asked - unnamed.length, unnamed };
}

function tally(judged: readonly { readonly fact: MovementFact; readonly agrees: boolean }[]) {
  const byCause: Record<string, CauseTally> = {};
  for (const { fact, agrees } of judged) {
    byCause[fact.cause] ??= { movements: 0, sure: 0, sureWrong: 0, unsureWrong: 0 };
    const found = byCause[fact.cause]!;
    const isSure = fact.confidence * (fact.originConfidence ?? 1) >= SURE;
    found.movements++;
    if (isSure) found.sure++;
    if (!agrees && isSure) found.sureWrong++;
    if (!agrees && !isSure) found.unsureWrong++;
  }
  return byCause;
}
