import { create, fromBinary } from '@bufbuild/protobuf';
import { type ServerWritableStream, status } from '@grpc/grpc-js';
import {
  type WatchChangesRequest,
  type WatchChangesResponse,
  WatchChangesResponseSchema,
} from '../../cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import { EventSchema } from '../../cloud/gen/aisle/sync/v1/event_pb.ts';
import { type Clock, within } from '../../shared/clock.ts';
import { parseGln } from '../../shared/gtin.ts';
import { limits } from '../../shared/limits.ts';
import type { Log } from '../../shared/log.ts';
import type { HubDatabase } from '../database.ts';
import { isRpcError, rpcError } from '../rpc-error.ts';
import { createStreamWriter, type StreamWriter } from '../stream-writer.ts';
import { noteConsumer, trimmedRun } from './consumers.ts';
import { BEGINNING, type Position, parsePosition, positionText } from './position.ts';
import type { FeedPump } from './pump.ts';
import { type FeedPage, readFeed } from './read-feed.ts';

type Call = ServerWritableStream<WatchChangesRequest, WatchChangesResponse>;

interface Reader {
  readonly writer: StreamWriter<WatchChangesResponse>;
  readonly gone: AbortController;
}

interface WatchOptions {
  readonly database: HubDatabase;
  readonly pump: FeedPump;
  readonly clock: Clock;
  readonly log: Log;
}

export interface WatchService {
  readonly methods: { watchChanges(call: Call): void };
  /** Ends every stream; readers come again with their positions. */
  stop(): void;
}

/** A quiet stream says where it stands this often, so that its reader may store a position that is kept. */
const QUIET_MS = 30_000;
/** What was sent is taken for stored after this. */
const BELIEVED_AFTER_MS = 60_000;

/** Serves WatchChanges. A page is read when the one before is on its way, so a slow reader costs one page of memory. */
export function createWatchService({ database, pump, clock, log }: WatchOptions): WatchService {
  const readers = new Set<Reader>();

  async function serve({ writer, gone }: Reader, request: WatchChangesRequest): Promise<void> {
    const { store, consumer, start } = readRequest(request);
    let position = await startAt(database, start, await pump.look());
    const remember = remembering(database, consumer, clock);
    let toldMs = Number.NEGATIVE_INFINITY;
    while (writer.open()) {
      await remember(position);
      const seen = pump.head();
      const page = await readFeed(database, position, store);
      position = page.position;
      const isQuiet = page.events.length === 0;
      if (!isQuiet || clock.monotonicMs() - toldMs >= QUIET_MS) {
        await give(writer, page);
        toldMs = clock.monotonicMs();
      } else await pump.waitBehind(seen, QUIET_MS, gone.signal);
    }
  }

  async function give(writer: StreamWriter<WatchChangesResponse>, page: FeedPage): Promise<void> {
    if (await within(clock, limits.hubWatcherStallMs, writer.write(onWire(page)))) return;
    writer.refuse(status.ABORTED, 'nothing was taken for five minutes; call again with your position');
  }

  return {
    methods: {
      watchChanges(call) {
        const writer = createStreamWriter(call);
        if (readers.size >= limits.hubWatchers) {
          return writer.refuse(status.RESOURCE_EXHAUSTED, `${readers.size} readers are served already`);
        }
        const reader = { writer, gone: new AbortController() };
        for (const end of ['cancelled', 'close', 'error']) call.on(end, () => reader.gone.abort());
        readers.add(reader);
        const leave = pump.join();
        serve(reader, call.request)
          .catch((error: unknown) => {
            if (isRpcError(error)) return call.emit('error', error);
            if (writer.open()) log.error({ error: String(error) }, 'a change feed failed');
            writer.refuse(status.UNAVAILABLE, 'the hub could not read its events; call again');
          })
          .finally(() => {
            readers.delete(reader);
            leave();
          });
      },
    },
    stop() {
      for (const { writer } of readers) {
        writer.refuse(status.UNAVAILABLE, 'the hub is stopping; call again');
      }
    },
  };
}

function readRequest({ storeGln, afterPosition, consumer }: WatchChangesRequest) {
  const store = storeGln === '' ? null : parseGln(storeGln);
  if (storeGln !== '' && store === null) {
    throw rpcError(
      status.INVALID_ARGUMENT,
      `store_gln is "${storeGln}"; write the 13 digits of a GLN, or nothing for all stores`,
    );
  }
  const start = afterPosition === '' ? null : parsePosition(afterPosition);
  if (afterPosition !== '' && start === null) {
    throw rpcError(
      status.INVALID_ARGUMENT,
      `after_position is "${afterPosition.slice(0, 40)}"; write a position as it was given, "0", or nothing`,
    );
  }
  if (!/^[a-z0-9-]{0,100}$/.test(consumer)) {
    throw rpcError(
      status.INVALID_ARGUMENT,
      `consumer is "${consumer.slice(0, 40)}"; write 1 to 100 of a-z, 0-9 and hyphen, or nothing`,
    );
  }
  return { store, start, consumer };
}

/** The place to begin at; null asks for the head. */
async function startAt(database: HubDatabase, start: Position | null, head: number): Promise<Position> {
  if (start === null) return { run: head, seq: 0 };
  const trimmed = await trimmedRun(database);
  const isBeginning = start.run === BEGINNING.run && start.seq === BEGINNING.seq;
  if (isBeginning) return { run: trimmed, seq: 0 };
  const asked = positionText(start);
  if (start.run > head || (start.run === head && start.seq > 0)) {
    throw rpcError(
      status.OUT_OF_RANGE,
      `after_position is "${asked}", but this hub has only come to "${head}"`,
    );
  }
  if (start.run < trimmed) {
    throw rpcError(
      status.OUT_OF_RANGE,
      `after_position is "${asked}", and events up to "${trimmed}" are deleted; read the stock anew and begin with ""`,
    );
  }
  return start;
}

/** Notes how far a reader with a name has come: what was sent a minute ago, and at once where it begins. */
function remembering(database: HubDatabase, consumer: string, clock: Clock) {
  let noted: { position: Position; atMs: number } | null = null;
  return async (position: Position) => {
    if (consumer === '') return;
    const nowMs = clock.monotonicMs();
    if (noted !== null && nowMs - noted.atMs < BELIEVED_AFTER_MS) return;
    await noteConsumer(database, consumer, noted?.position ?? position, clock.nowMs());
    noted = { position, atMs: nowMs };
  };
}

const onWire = ({ events, position }: FeedPage): WatchChangesResponse =>
  create(WatchChangesResponseSchema, {
    changes: events.map(({ store, epoch, body }) => ({
      storeGln: store,
      epoch,
      event: fromBinary(EventSchema, body),
    })),
    position: positionText(position),
  });
