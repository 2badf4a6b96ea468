import type { Reading } from '../../readings/reading.ts';
import type { Outcome, Submit } from '../../readings/submit.ts';
import { type Clock, sleep } from '../../shared/clock.ts';
import type { Counters } from '../../shared/counters.ts';
import { limits } from '../../shared/limits.ts';
import type { Failure } from '../../shared/result.ts';

/** A message on its way into the store. */
export interface LaneEntry {
  /** Empty for what was not understood; it still keeps its turn among the acknowledgements. */
  readonly readings: readonly Reading[];
  readonly bytes: number;
  /** Called once, in the order of arrival, after the commit. Never called while the store cannot take the message. */
  readonly acknowledge: () => void;
  /** The store said no for good. `acknowledge` follows. */
  readonly refused: (failure: Failure) => void;
}

/** The messages of one connection, first in first out. */
export interface Lane {
  /** False when the lane is full: the message was not taken and must not be acknowledged. */
  push(entry: LaneEntry): boolean;
  /** The sender is gone: what waits is handed in once more, but no longer repeated. */
  close(): void;
  /** Resolves when nothing waits. */
  idle(): Promise<void>;
}

interface LaneContext {
  readonly submit: Submit;
  readonly clock: Clock;
  readonly counters: Counters;
}

const RETRY_FIRST_MS = 50;

/**
 * Accepted means durable: hands messages to the store and acknowledges each one after its commit. What arrives
 * while a round is being committed forms the next round, so order holds even when a round must be repeated.
 */
export function createLane({ submit, clock, counters }: LaneContext): Lane {
  let waiting: LaneEntry[] = [];
  let held = { messages: 0, bytes: 0 };
  let running: Promise<void> | null = null;
  let closed = false;

  const release = (entry: LaneEntry) => {
    held = { messages: held.messages - 1, bytes: held.bytes - entry.bytes };
  };

  const settle = async (round: Batch[]) => {
    for (let attempt = 0; ; attempt++) {
      const due = round.filter(batch => batch.outcome === null || mayRetry(batch.outcome));
      await Promise.all(
        due.map(async batch => {
          batch.outcome = batch.readings.length > 0 ? await submit(batch.readings) : NOTHING_TO_STORE;
        }),
      );
      while (round[0]?.outcome && !mayRetry(round[0].outcome)) answer(round.shift()!, release);
      if (round.length === 0) return;
      if (closed) {
        for (const entry of round.flatMap(batch => batch.entries)) release(entry);
        counters.add('mqtt_unacknowledged_total', {}, round.length);
        return;
      }
      counters.add('mqtt_store_retries_total');
      await sleep(clock, Math.min(limits.mqttRetryMaxMs, RETRY_FIRST_MS * 2 ** attempt));
    }
  };

  const run = async () => {
    // What one chunk of the wire carries is parsed in one go, and goes into one round.
    await Promise.resolve();
    while (waiting.length > 0) {
      const round = toBatches(waiting);
      waiting = [];
      await settle(round);
    }
    running = null;
  };

  return {
    push(entry) {
      if (held.messages >= limits.mqttWaitingMessages) return false;
      if (held.messages > 0 && held.bytes + entry.bytes > limits.mqttWaitingBytes) return false;
      held = { messages: held.messages + 1, bytes: held.bytes + entry.bytes };
      waiting.push(entry);
      running ??= run();
      return true;
    },
    close() {
      closed = true;
    },
    idle: () => running ?? Promise.resolve(),
  };
}

interface Batch {
  readonly entries: LaneEntry[];
  readonly readings: Reading[];
  outcome: Outcome | null;
}

const NOTHING_TO_STORE: Outcome = { status: 'accepted', seq: null };

const mayRetry = (outcome: Outcome) => outcome.status === 'refused' && outcome.failure.retry;

function answer({ entries, outcome }: Batch, release: (entry: LaneEntry) => void): void {
  for (const entry of entries) {
    release(entry);
    if (outcome?.status === 'refused') entry.refused(outcome.failure);
    entry.acknowledge();
  }
}

// One outcome stands for all readings of a call, so a document, which may be refused, goes alone.
function toBatches(entries: readonly LaneEntry[]): Batch[] {
  const batches: Batch[] = [];
  let open: Batch | null = null;
  for (const entry of entries) {
    const alone = entry.readings.some(reading => reading.kind === 'document');
    if (open === null || alone) {
      open = { entries: [], readings: [], outcome: null };
      batches.push(open);
    }
    open.entries.push(entry);
    open.readings.push(...entry.readings);
    if (alone) open = null;
  }
  return batches;
}
