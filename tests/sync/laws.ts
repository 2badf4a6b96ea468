import { toBinary } from '@bufbuild/protobuf';
import { encodeEntry } from '../../src/cloud/encode.ts';
import { EVENT_CLASSES } from '../../src/cloud/encode-sync.ts';
import { FIRST_DIGEST, nextDigest } from '../../src/cloud/event-identity.ts';
import {
  type DiscardCount,
  type Event,
  EventSchema,
  type OutageReceipt,
} from '../../src/cloud/gen/aisle/sync/v1/event_pb.ts';
import { unfitness } from '../../src/hub/judge.ts';
import type { Fact, LogEntry } from '../../src/store/outbox.ts';
import type { World } from './history.ts';
import type { HeldLog } from './memory-ledger.ts';
import { STORE } from './store-node.ts';

/** What the hub holds of the store's present log. */
export const heldOf = ({ ledger, store }: World): HeldLog | undefined =>
  ledger.logs.get(`${STORE} ${store?.outbox.epoch()}`);

/** Nothing is under way any more, nothing waits for a receipt, what can be mended is mended, and the rest is known to both. */
export function isEven(world: World): boolean {
  const { disk, store, restores } = world;
  const held = heldOf(world);
  if (!store || !held || held.ackedSeq !== disk.journal.length) return false;
  if (store.outbox.ackedSeq() !== disk.journal.length || disk.waitingForReceipt() > 0) return false;
  const letters = store.deadLetters().map(({ entry }) => entry.seq);
  const canBeMended = (seq: number) => unfitness(encodeEntry(disk.journal[seq - 1]!)) === null;
  if ([...held.unfit.keys(), ...letters].some(canBeMended)) return false;
  // A disk that was put back may have lost either half.
  return restores > 0 || String([...held.unfit.keys()].toSorted()) === String(letters.toSorted());
}

/** What the hub holds against what the store's log took, number by number. Empty when every law was kept. */
export function breaches(world: World): string[] {
  const held = heldOf(world);
  const { journal } = world.disk;
  if (!isEven(world) || !held) return [howUneven(world, held)];
  return [
    ...numbersAnswered(held, journal, world.restores > 0),
    ...contentsSame(held, journal),
    ...discardsRight(held, journal),
    ...figuresKept(held, journal),
    ...stockSame(world, held),
    ...receiptsRight(held),
  ];
}

function howUneven({ disk, store }: World, held: HeldLog | undefined): string {
  const letters = store?.deadLetters().map(({ entry }) => entry.seq) ?? [];
  return (
    `the hub holds ${held?.ackedSeq ?? 0} of ${disk.journal.length} events, ${store?.outbox.ackedSeq()} acknowledged; ` +
    `aside at the hub: ${[...(held?.unfit.keys() ?? [])]}, at the store: ${letters}; ` +
    `${disk.waitingForReceipt()} outages wait for a receipt`
  );
}

/** Every number is in exactly one place: an event, put aside, given up, or in a snapshot; and they came in order. */
function numbersAnswered(held: HeldLog, journal: readonly LogEntry[], mayUseSnapshot: boolean): string[] {
  const wrong: string[] = [];
  for (const { seq } of journal) {
    const isEvent = held.events.has(seq) && held.events.get(seq)!.body.case !== 'discarded';
    const places = [isEvent, held.unfit.has(seq), held.discarded.has(seq), held.inSnapshot.has(seq)];
    const answers = places.filter(Boolean).length;
    if (answers !== 1) wrong.push(`event ${seq} is in ${answers} places at the hub`);
  }
  if (held.order.some((seq, index) => index > 0 && seq <= held.order[index - 1]!)) {
    wrong.push(`events came in the order ${held.order}`);
  }
  if (held.eventCount + held.skippedCount !== held.ackedSeq) {
    wrong.push(`${held.eventCount} events and ${held.skippedCount} skipped make not ${held.ackedSeq}`);
  }
  if (held.strange.length > 0) wrong.push(`events ${held.strange} came again with other content`);
  if (held.inSnapshot.size > 0 && !mayUseSnapshot)
    wrong.push('a snapshot was sent, though nothing was put back');
  return wrong;
}

const isSum = (event: Event) =>
  (event.body.case === 'footfall' || event.body.case === 'temperature') && event.body.value.spanMinutes > 0;

function contentsSame({ events, unfit }: HeldLog, journal: readonly LogEntry[]): string[] {
  return journal.flatMap(entry => {
    const there = events.get(entry.seq);
    if (!there || there.body.case === 'discarded' || isSum(there)) return [];
    const isSame = Buffer.compare(bytesOf(there), bytesOf(encodeEntry(entry))) === 0;
    return isSame && !unfit.has(entry.seq) ? [] : [`event ${entry.seq} is another one at the hub`];
  });
}

const bytesOf = (event: Event) => toBinary(EventSchema, event);

const MAY_GO: readonly Fact['type'][] = ['footfall', 'temperature', 'device'];

/** Only what may be given up is, and each run names how many of which class it stands for. */
function discardsRight({ events, discarded }: HeldLog, journal: readonly LogEntry[]): string[] {
  const wrong = [...discarded].flatMap(seq => {
    const { type } = journal[seq - 1]!.fact;
    return MAY_GO.includes(type) ? [] : [`${type} ${seq} was given up`];
  });
  for (const { seq, body } of events.values()) {
    if (body.case !== 'discarded') continue;
    const { count, discards } = body.value;
    const gone = journal.slice(Number(seq) - 1, Number(seq + count) - 1);
    const classes = gone.map(({ fact }) => EVENT_CLASSES[fact.type as keyof typeof EVENT_CLASSES]);
    const told = discards.flatMap(each => Array<number>(Number(each.discarded)).fill(each.eventClass));
    if (String(told.toSorted()) !== String(classes.toSorted()))
      wrong.push(`the run of ${count} at ${seq} says ${told}, and they were ${classes}`);
  }
  return wrong;
}

/** The people of all minutes are in the events at the hub, but for those that were said to be lost. */
function figuresKept({ events, inSnapshot }: HeldLog, journal: readonly LogEntry[]): string[] {
  if (inSnapshot.size > 0) return [];
  const counts = [...events.values()].flatMap(({ body }) =>
    body.case === 'discarded' ? body.value.discards : [],
  );
  const isLost = counts.some(({ discarded, coalesced }) => discarded !== coalesced);
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  const taken = sum(journal.map(({ fact }) => (fact.type === 'footfall' ? fact.in : 0)));
  const there = sum(
    [...events.values()].map(({ body }) => (body.case === 'footfall' ? Number(body.value.peopleIn) : 0)),
  );
  const isRight = isLost ? there <= taken : there === taken;
  return isRight ? [] : [`${taken} people came in, the hub knows of ${there}`];
}

function stockSame({ disk }: World, held: HeldLog): string[] {
  const stock = disk.stock();
  const keys = new Set([...stock.keys(), ...held.stock.keys()]);
  return [...keys].flatMap(key => {
    const [here, there] = [stock.get(key) ?? 0, held.stock.get(key) ?? 0];
    return here === there ? [] : [`${key}: ${here} at the store, ${there} at the hub`];
  });
}

/** Each receipt of an outage, computed anew from what the hub holds. */
function receiptsRight(held: HeldLog): string[] {
  let previous: OutageReceipt | null = null;
  return [...held.events.values()].flatMap(({ body }) => {
    if (body.case !== 'outageReceipt') return [];
    const receipt = body.value;
    const before: OutageReceipt | null = previous;
    previous = receipt;
    // Receipts inside a snapshot break the chain that can be seen.
    if (held.inSnapshot.size > 0) return [];
    const previousDigest: Uint8Array = before?.digest ?? FIRST_DIGEST;
    const isNext = receipt.number === (before?.number ?? 0n) + 1n;
    if (!isNext || Buffer.compare(receipt.previousDigest, previousDigest) !== 0)
      return [`receipt ${receipt.number} does not follow the one before`];
    return receiptRight(held, receipt);
  });
}

function receiptRight({ events, unfit, discarded }: HeldLog, receipt: OutageReceipt): string[] {
  const [first, last] = [Number(receipt.firstSeq), Number(receipt.lastSeq)];
  let [digest, acknowledged, gone] = [receipt.previousDigest, 0, 0];
  for (let seq = first; seq <= last; seq++) {
    const event = events.get(seq) ?? unfit.get(seq);
    if (discarded.has(seq)) gone += 1;
    else if (event) {
      acknowledged += 1;
      digest = nextDigest(digest, bytesOf(event));
    }
  }
  const told = receipt.discards.reduce((sum, each: DiscardCount) => sum + Number(each.discarded), 0);
  const isRight =
    Number(receipt.accepted) === last - first + 1 &&
    Number(receipt.acknowledged) === acknowledged &&
    told === gone &&
    Buffer.compare(receipt.digest, digest) === 0;
  return isRight
    ? []
    : [`receipt ${receipt.number} of ${first} to ${last} does not agree with what the hub holds`];
}
