import { EventEmitter } from 'node:events';
import type { SyncRequest, SyncResponse } from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { Stream } from '../../src/cloud/sync-session.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How bad a line is. Probabilities are per message. */
export interface Weather {
  loss: number;
  twice: number;
  overtaking: number;
  /** Most of a message's way, ms. */
  latencyMs: number;
}

type Direction = (deliver: () => void) => void;

/** One connection: two lines that may lose, repeat and swap messages, and may be cut or fall silent. */
export interface Connection {
  readonly stream: Stream;
  readonly call: ServerCall;
  /** Both ends learn that it is over. */
  cut(): void;
  /** The process at the store's end is gone: it hears nothing any more, and the hub learns that it is over. */
  abandon(): void;
  /** Nothing arrives any more and nobody is told. */
  fallSilent(): void;
}

/** The hub's end of a connection, with what the hub uses of a gRPC call. */
export class ServerCall extends EventEmitter {
  readonly #requests: SyncRequest[] = [];
  #waiting: { resolve(next: IteratorResult<SyncRequest>): void; reject(error: Error): void } | null = null;
  #isOver = false;
  readonly write: (response: SyncResponse) => boolean;
  readonly end: () => void;

  constructor(write: (response: SyncResponse) => boolean, end: () => void) {
    super();
    this.write = write;
    this.end = end;
  }

  arrive(request: SyncRequest): void {
    if (this.#isOver) return;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) waiting.resolve({ done: false, value: request });
    else this.#requests.push(request);
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.emit('cancelled');
    this.#waiting?.reject(new Error('cancelled'));
  }

  [Symbol.asyncIterator]() {
    return {
      next: (): Promise<IteratorResult<SyncRequest>> => {
        const request = this.#requests.shift();
        if (request) return Promise.resolve({ done: false, value: request });
        if (this.#isOver) return Promise.reject(new Error('cancelled'));
        return new Promise((resolve, reject) => {
          this.#waiting = { resolve, reject };
        });
      },
    };
  }
}

/** One direction of a line: what is put on it arrives late, never, twice or before what was put on it first. */
function direction(
  time: VirtualTime,
  random: () => number,
  weather: Weather,
  isDead: () => boolean,
): Direction {
  let lastAtMs = 0;
  return deliver => {
    if (isDead() || random() < weather.loss) return;
    const times = random() < weather.twice ? 2 : 1;
    for (let copy = 0; copy < times; copy++) {
      const atMs = time.nowMs() + 1 + random() * weather.latencyMs;
      const overtakes = random() < weather.overtaking;
      const arrivesMs = overtakes ? atMs : Math.max(atMs, lastAtMs);
      lastAtMs = Math.max(lastAtMs, arrivesMs);
      time.after(arrivesMs - time.nowMs(), () => {
        if (!isDead()) deliver();
      });
    }
  };
}

/** `spoilt`: numbers of movements that leave the store without their item, as from software with a fault. */
export function connect(
  time: VirtualTime,
  random: () => number,
  weather: Weather,
  spoilt: ReadonlySet<number>,
): Connection {
  const client = new EventEmitter();
  let isCut = false;
  let isSilent = false;
  const isDead = () => isCut || isSilent;
  const up = direction(time, random, weather, isDead);
  const down = direction(time, random, weather, isDead);
  const full = (source: EventEmitter) => {
    const isFull = random() < 0.05;
    if (isFull) time.after(1 + random() * weather.latencyMs, () => source.emit('drain'));
    return !isFull;
  };
  const cut = () => {
    if (isCut) return;
    isCut = true;
    time.after(1, () => client.emit('error', new Error('the connection broke')));
    time.after(1, () => call.close());
  };
  const call: ServerCall = new ServerCall(
    response => {
      down(() => client.emit('data', response));
      return full(call);
    },
    () => down(() => client.emit('end')),
  );
  // How gRPC ends a call with a status.
  call.on('error', error => down(() => client.emit('error', error)));
  client.on('error', () => {});
  const stream: Stream = {
    write(request, onFlushed) {
      const sent = spoil(request, spoilt);
      up(() => call.arrive(sent));
      time.after(0, onFlushed);
      return full(client);
    },
    cancel() {
      if (!isSilent) time.after(1, () => call.close());
      isCut = true;
    },
    on: (event: string, listener: (argument: never) => void) =>
      client.on(event, listener as (...args: unknown[]) => void),
  };
  return {
    stream,
    call,
    cut,
    abandon() {
      client.removeAllListeners();
      client.on('error', () => {});
      stream.cancel();
    },
    fallSilent() {
      isSilent = true;
    },
  };
}

function spoil(request: SyncRequest, spoilt: ReadonlySet<number>): SyncRequest {
  const { body } = request;
  if (spoilt.size === 0 || (body.case !== 'events' && body.case !== 'replay')) return request;
  const events = body.value.events.map(event =>
    // What nobody could use anyway stays as it is: nobody ever mends it.
    event.body.case === 'movement' && event.body.value.quantity > 0n && spoilt.has(Number(event.seq))
      ? { ...event, body: { ...event.body, value: { ...event.body.value, gtin: '' } } }
      : event,
  );
  return { ...request, body: { ...body, value: { ...body.value, events } } as SyncRequest['body'] };
}
