import { create } from '@bufbuild/protobuf';
import type { Clock, Timer } from '../shared/clock.ts';
import { limits } from '../shared/limits.ts';
import type { LogEntry } from '../store/outbox.ts';
import type { StockView } from '../store/views.ts';
import { type LiveStock, LiveStockSchema } from './gen/aisle/sync/v1/sync_pb.ts';
import { encodeItem } from './snapshot.ts';

interface LiveStockOptions {
  readonly clock: Clock;
  readonly stockOf: (gtin: string) => StockView | null;
  /** Every item that the store has. */
  readonly gtins: () => readonly string[];
  readonly lastSeq: () => number;
  readonly canSend: () => boolean;
  readonly send: (live: LiveStock) => void;
}

/** Tells the cloud how items stand while the events that say why may still wait in line behind a backlog. */
export interface LiveStockSender {
  changed(entries: readonly LogEntry[]): void;
  /** The stream takes more again. */
  pump(): void;
  stop(): void;
}

export function createLiveStock(options: LiveStockOptions): LiveStockSender {
  const { clock, stockOf, gtins, lastSeq, canSend, send } = options;
  const waiting = new Set<string>();
  let timer: Timer | null = null;
  const pump = () => {
    if (timer || waiting.size === 0 || !canSend()) return;
    const gtins = [...waiting].slice(0, limits.uplinkSnapshotItems);
    for (const gtin of gtins) waiting.delete(gtin);
    const items = gtins.flatMap(gtin => stockOf(gtin) ?? []).map(encodeItem);
    send(create(LiveStockSchema, { asOfSeq: BigInt(lastSeq()), items }));
    timer = clock.after(limits.uplinkLiveMs, () => {
      timer = null;
      pump();
    });
  };
  return {
    changed(entries) {
      for (const { fact } of entries) {
        if (fact.type === 'movement') waiting.add(fact.gtin);
        else if (fact.type === 'lease') waiting.add(fact.gtin);
        else if (fact.type === 'reservation') for (const { gtin } of fact.lines) waiting.add(gtin);
        // A policy may change what of every item can be promised.
        else if (fact.type === 'configuration') for (const gtin of gtins()) waiting.add(gtin);
      }
      pump();
    },
    pump,
    stop: () => timer?.cancel(),
  };
}
