import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import {
  CommandFailureSchema,
  type CommandResult,
  CommandSchema,
  CommandStatus,
  FailureCode,
  FailureCodeSchema,
} from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { Clock } from '../shared/clock.ts';
import { parseGln } from '../shared/gtin.ts';
import { createCommandBook } from './command-book.ts';
import type { HubDatabase } from './database.ts';
import { type RpcError, rpcError } from './rpc-error.ts';
import type { NoResult, StoreLinks } from './store-links.ts';

export interface CommandRelayOptions {
  readonly database: HubDatabase;
  readonly links: Pick<StoreLinks, 'ask'>;
  readonly clock: Clock;
}

export interface StoreOrder {
  readonly storeGln: string;
  readonly requestId: string;
  readonly body: NonNullable<MessageInitShape<typeof CommandSchema>['body']>;
  /** When the caller stops waiting, Unix ms. */
  readonly deadlineMs: number;
}

/** Forwards an order to its store. Rejects with an RpcError that says what the caller may do. */
export type CommandRelay = (order: StoreOrder) => Promise<CommandResult>;

/** The longest that a caller may wait, and the default. */
const MAX_WAIT_MS = 10_000;
const MAX_ID_LENGTH = 128;
/** After how long a store that said "later" is worth another question. */
const BUSY_RETRY_MS = 1_000;

const NO_RESULT: Readonly<Record<NoResult, (store: string) => RpcError>> = {
  offline: store =>
    rpcError(status.UNAVAILABLE, `store ${store} is not connected; nothing was sent`, {
      reason: 'STORE_OFFLINE',
    }),
  lost: store =>
    rpcError(
      status.UNAVAILABLE,
      `the link to store ${store} broke before its answer; repeat with the same request_id`,
      { reason: 'LINK_LOST' },
    ),
  late: store =>
    rpcError(
      status.DEADLINE_EXCEEDED,
      `store ${store} did not answer in time; repeat with the same request_id`,
      { reason: 'NO_ANSWER' },
    ),
};

/**
 * The store's own key check makes a repeat harmless; the hub remembers final answers beside it, so that a repeat is answered
 * while the store is away.
 */
export function createCommandRelay({ database, links, clock }: CommandRelayOptions): CommandRelay {
  const book = createCommandBook(database);
  return async ({ storeGln, requestId, body, deadlineMs }) => {
    if (!parseGln(storeGln)) {
      throw rpcError(status.INVALID_ARGUMENT, `store_gln is "${storeGln}"; write the 13 digits of a GLN`);
    }
    if (requestId.length < 1 || requestId.length > MAX_ID_LENGTH) {
      throw rpcError(status.INVALID_ARGUMENT, `request_id must have 1 to ${MAX_ID_LENGTH} characters`);
    }
    const content = toBinary(CommandSchema, create(CommandSchema, { requestId, body }));
    const known = await book.ask({ store: storeGln, requestId, content, nowMs: clock.nowMs() });
    if (known.kind === 'answered') return settled(known.result);
    if (known.kind === 'other') {
      throw rpcError(status.ALREADY_EXISTS, `request_id "${requestId}" was used before for another order`);
    }
    const waitMs = Math.max(0, Math.min(deadlineMs - clock.nowMs(), MAX_WAIT_MS));
    const expiresTime = timestampFromMs(Math.floor(clock.nowMs() + waitMs));
    const command = create(CommandSchema, { requestId, body, expiresTime });
    const result = await links.ask(storeGln, command, waitMs);
    if (typeof result === 'string') throw NO_RESULT[result](storeGln);
    if (isFinal(result)) await book.answer(storeGln, result);
    return settled(result);
  };
}

/** A late or a busy store may answer otherwise next time. */
const isFinal = ({ status: outcome, failure }: CommandResult) =>
  outcome === CommandStatus.DONE || (outcome === CommandStatus.REFUSED && failure?.retry !== true);

const CODES: Readonly<Record<FailureCode, status>> = {
  [FailureCode.UNSPECIFIED]: status.UNKNOWN,
  [FailureCode.INVALID]: status.INVALID_ARGUMENT,
  [FailureCode.CONFLICT]: status.ALREADY_EXISTS,
  [FailureCode.INSUFFICIENT]: status.FAILED_PRECONDITION,
  [FailureCode.NOT_FOUND]: status.NOT_FOUND,
  [FailureCode.EXPIRED]: status.DEADLINE_EXCEEDED,
  [FailureCode.BUSY]: status.UNAVAILABLE,
  [FailureCode.STORAGE]: status.UNAVAILABLE,
  [FailureCode.COMMS]: status.UNAVAILABLE,
  [FailureCode.UNSUPPORTED]: status.UNIMPLEMENTED,
};

function settled(result: CommandResult): CommandResult {
  if (result.status === CommandStatus.DONE) return result;
  const { code, message, retry } = result.failure ?? create(CommandFailureSchema);
  throw rpcError(CODES[code] ?? status.UNKNOWN, message, {
    reason: FailureCodeSchema.value[code]?.localName ?? 'UNKNOWN',
    retryInMs: retry ? BUSY_RETRY_MS : null,
  });
}
