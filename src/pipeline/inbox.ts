import type { Reading } from '../readings/reading.ts';
import type { Outcome, Submit } from '../readings/submit.ts';
import type { Counters } from '../shared/counters.ts';

/** Readings that came in one call, and the promise that waits for their commit. */
export interface Delivery {
  readonly readings: readonly Reading[];
  readonly done: (outcome: Outcome) => void;
}

/** The one door. Everything that can change the store waits here, in order, until the step takes it. */
export interface Inbox {
  readonly submit: Submit;
  /** Takes whole deliveries, oldest first, until `maxReadings` are reached. */
  take(maxReadings: number): Delivery[];
  readonly waiting: number;
  /** From now on every submission is refused with retry, because the gateway stops. */
  close(): void;
}

interface InboxOptions {
  readonly maxReadings: number;
  readonly counters: Counters;
  /** Called when the inbox turns from empty to not empty. */
  readonly onWork: () => void;
}

const refused = (message: string): Outcome => ({
  status: 'refused',
  failure: { code: 'busy', message, retry: true },
});

export function createInbox({ maxReadings, counters, onWork }: InboxOptions): Inbox {
  let queue: Delivery[] = [];
  let waiting = 0;
  let closed = false;

  const submit: Submit = readings => {
    if (closed) return Promise.resolve(refused('the gateway is stopping; send it again after the restart'));
    // A tick or one oversized call still enters an empty inbox, so that nothing can be refused for ever.
    if (waiting > 0 && waiting + readings.length > maxReadings) {
      counters.add('inbox_refused_total', { kind: readings[0]?.kind ?? 'none' });
      return Promise.resolve(refused(`${waiting} readings are waiting; send it again in a moment`));
    }
    return new Promise(done => {
      queue.push({ readings, done });
      waiting += readings.length;
      if (queue.length === 1) onWork();
    });
  };

  return {
    submit,
    take(max) {
      let count = 0;
      let deliveries = 0;
      for (const delivery of queue) {
        if (deliveries > 0 && count + delivery.readings.length > max) break;
        count += delivery.readings.length;
        deliveries++;
      }
      const taken = queue.slice(0, deliveries);
      queue = queue.slice(deliveries);
      waiting -= count;
      return taken;
    },
    get waiting() {
      return waiting;
    },
    close() {
      closed = true;
    },
  };
}
