import type { Clock } from '../../src/shared/clock.ts';
import { sleep } from '../../src/shared/clock.ts';
import type { Receipt } from '../world/shoppers.ts';
import type { MqttDevice } from './mqtt-device.ts';

/**
 * A till that keeps every receipt until the gateway has acknowledged it, and sends them in order. The store
 * lets nobody in while many are waiting, which bounds its memory.
 */
export interface Till {
  readonly device: string;
  print(receipt: Receipt): void;
  waiting(): number;
  acknowledged(): { readonly sales: number; readonly units: number };
  stop(): void;
}

const RETRY_MS = 500;

/** The till's own name for a receipt: it never changes, however often the receipt is sent. */
export const receiptKey = (till: string, number: number, runId: string): string =>
  `${till}/${String(number).padStart(6, '0')}-${runId}`;

export function createTill(
  link: MqttDevice,
  topicName: string,
  runId: string,
  wallMs: (elapsedMs: number) => number,
  clock: Clock,
): Till {
  const unsent: { readonly message: string; readonly units: number }[] = [];
  let sales = 0;
  let units = 0;
  let sending = false;
  let stopped = false;
  const sendAll = async () => {
    sending = true;
    for (let next = unsent[0]; next && !stopped; next = unsent[0]) {
      if (await link.sendAcknowledged(`aisle/v1/${topicName}/sale`, next.message)) {
        unsent.shift();
        sales++;
        units += next.units;
      } else await sleep(clock, RETRY_MS);
    }
    sending = false;
  };
  return {
    device: link.id,
    print({ number, paidAtMs, lines, measured }) {
      // Written once: a repeat is the same to the byte, even when the clock was set meanwhile.
      const key = receiptKey(link.id, number, runId);
      unsent.push({
        message: JSON.stringify({ key, time: Math.round(wallMs(paidAtMs)), lines: measured }),
        units: lines.reduce((sum, line) => sum + line.quantity, 0),
      });
      if (!sending) void sendAll();
    },
    waiting: () => unsent.length,
    acknowledged: () => ({ sales, units }),
    stop() {
      stopped = true;
    },
  };
}
