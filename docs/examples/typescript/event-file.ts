import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Event, EventSchema } from './contract.ts';

/** One log of one store in one file: what `append` was given is on the disk when it returns. */
export interface EventFile {
  /** The last number up to which everything is here. */
  ackedSeq(): number;
  /** The event of that number; null when it is a run of discarded ones. */
  last(): Event | null;
  append(events: readonly Event[]): void;
  close(): void;
}

const LENGTH_BYTES = 4;

/** The last number that an event stands for: a run of discarded events is one event. */
export const lastSeqOf = ({ seq, body }: Event): number =>
  Number(seq) + (body.case === 'discarded' ? Math.max(1, Number(body.value.count)) - 1 : 0);

export function openEventFile(path: string): EventFile {
  const { events, wholeBytes } = readEvents(path);
  // What a crash left half written was never acknowledged, and comes again.
  if (existsSync(path)) truncateSync(path, wholeBytes);
  const file = openSync(path, 'a');
  let last = events.at(-1) ?? null;
  return {
    ackedSeq: () => (last ? lastSeqOf(last) : 0),
    last: () => (last?.body.case === 'discarded' ? null : last),
    append(fresh) {
      for (const event of fresh) {
        const bytes = toBinary(EventSchema, event);
        const length = Buffer.alloc(LENGTH_BYTES);
        length.writeUInt32LE(bytes.length);
        writeSync(file, Buffer.concat([length, bytes]));
      }
      fsyncSync(file);
      last = fresh.at(-1) ?? last;
    },
    close: () => closeSync(file),
  };
}

/** The events of a file in their order, and how many bytes of it are whole. */
export function readEvents(path: string): { readonly events: readonly Event[]; readonly wholeBytes: number } {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const events: Event[] = [];
  let at = 0;
  while (at + LENGTH_BYTES <= bytes.length) {
    const end = at + LENGTH_BYTES + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    events.push(fromBinary(EventSchema, bytes.subarray(at + LENGTH_BYTES, end)));
    at = end;
  }
  return { events, wholeBytes: at };
}
