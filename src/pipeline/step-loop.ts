import type { Part, PartHealth } from '../shared/part.ts';
import type { Inbox } from './inbox.ts';
import type { Step } from './step.ts';

interface LoopOptions {
  readonly inbox: Inbox;
  readonly step: Step;
  readonly maxBatch: number;
  /** Runs a callback after the input of this turn has been read, so that what arrives together commits together. */
  readonly endOfTurn: (callback: () => void) => void;
  /** Called after each batch, when the senders have their outcomes. */
  readonly onBatch: () => void;
}

/** Takes batches from the inbox at our own pace, one transaction each. */
export function createStepLoop({ inbox, step, maxBatch, endOfTurn, onBatch }: LoopOptions) {
  let state: PartHealth['state'] = 'starting';
  let scheduled = false;

  const runBatch = () => {
    scheduled = false;
    const deliveries = inbox.take(maxBatch);
    const outcomes = step.run(deliveries);
    for (const [index, delivery] of deliveries.entries()) delivery.done(outcomes[index]!);
    onBatch();
    wake();
  };
  const wake = () => {
    if (scheduled || state !== 'ok' || inbox.waiting === 0) return;
    scheduled = true;
    endOfTurn(runBatch);
  };
  const part: Part = {
    name: 'step',
    start: async () => {
      state = 'ok';
      wake();
    },
    stop: async () => {
      inbox.close();
      // Whoever was let in gets an answer: the rest of the queue is decided before the database closes.
      while (state === 'ok' && inbox.waiting > 0) runBatch();
      state = 'stopped';
    },
    health: () => ({ state, detail: `${inbox.waiting} readings waiting` }),
  };
  return { part, wake };
}
