import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import type { SnapshotPart } from '../cloud/gen/aisle/sync/v1/snapshot_pb.ts';
import {
  type CommandResult,
  type EventBatch,
  type Replay,
  type SyncRequest,
  type SyncResponse,
  SyncResponseSchema,
} from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { Clock } from '../shared/clock.ts';
import { limits } from '../shared/limits.ts';
import type { Log } from '../shared/log.ts';
import type { Rejection } from './judge.ts';
import type { EventLedger, Held, LogStream } from './ledger.ts';
import type { StreamWriter } from './stream-writer.ts';

type Body = NonNullable<MessageInitShape<typeof SyncResponseSchema>['body']>;

export const say = (body: Body): SyncResponse => create(SyncResponseSchema, { body });

export interface ReceiverOptions {
  readonly ledger: EventLedger;
  readonly clock: Clock;
  readonly log: Log;
}

interface ReceiverPeers {
  readonly writer: Pick<StreamWriter<SyncResponse>, 'write' | 'refuse'>;
  readonly answer: (result: CommandResult) => void;
}

/** How the stream of a store ends that has a newer one. */
export const REPLACED = {
  code: status.ABORTED,
  details: 'a newer stream of this store took its place',
} as const;

/** Takes the messages of one stream in order, each to its end. Rejects when the ledger cannot commit. */
export type Receiver = (request: SyncRequest) => Promise<void>;

/** Everything that a store says after Hello: what was committed is acknowledged, what does not join on is asked for again. */
export function createReceiver(
  { ledger, clock, log }: ReceiverOptions,
  name: LogStream,
  { writer, answer }: ReceiverPeers,
): Receiver {
  let gapToldSeq: number | null = null;
  let parts: SnapshotPart[] = [];

  async function takeEvents(batch: EventBatch): Promise<void> {
    const outcome = await ledger.ingest(name, batch, clock.nowMs());
    if (outcome.kind === 'replaced') return writer.refuse(REPLACED.code, REPLACED.details);
    if (outcome.kind === 'malformed') return writer.refuse(status.INVALID_ARGUMENT, outcome.reason);
    if (outcome.kind === 'gap') {
      const { expectedSeq } = outcome;
      // The batches that were under way behind the missing one need no word of their own.
      if (gapToldSeq === expectedSeq) return;
      gapToldSeq = expectedSeq;
      log.warn({ ...name, expectedSeq, firstSeq: Number(batch.firstSeq) }, 'events are missing');
      return writer.write(say({ case: 'gap', value: { expectedSeq: BigInt(expectedSeq) } }));
    }
    gapToldSeq = null;
    const { ackedSeq, quarantined, rejected } = outcome;
    if (quarantined.length > 0) {
      log.error({ ...name, seqs: quarantined }, 'events came again with other content; put aside');
    }
    if (rejected.length > 0) log.error({ ...name, rejected }, 'events cannot be used; put aside');
    return writer.write(ack(ackedSeq, rejected));
  }

  async function takePart(part: SnapshotPart): Promise<void> {
    if (part.part === 1) parts = [];
    const joins = part.part === parts.length + 1 && part.asOfSeq === (parts[0] ?? part).asOfSeq;
    if (!joins || part.parts > limits.hubSnapshotParts) {
      const wrong = `part ${part.part} of ${part.parts} does not follow part ${parts.length}`;
      return writer.refuse(status.INVALID_ARGUMENT, `snapshot: ${wrong}`);
    }
    parts.push(part);
    if (part.part < part.parts) return;
    const ackedSeq = await ledger.replace(name, parts, clock.nowMs());
    log.info({ ...name, ackedSeq, parts: parts.length }, 'snapshot taken');
    parts = [];
    await writer.write(ack(ackedSeq, []));
  }

  return async ({ body }) => {
    switch (body.case) {
      case 'events':
        return takeEvents(body.value);
      case 'commandResult':
        return answer(body.value);
      case 'snapshot':
        return takePart(body.value);
      case 'liveStock':
        return ledger.noteLive(name, body.value, clock.nowMs());
      case 'replay': {
        const refused = await ledger.replay(name, body.value, clock.nowMs());
        return writer.write(say({ case: 'replayResult', value: replayResult(body.value, refused) }));
      }
      case 'heartbeat':
        return ledger.noteHeard(name, body.value, clock.nowMs());
      default:
        return;
    }
  };
}

const onWire = (rejected: readonly Rejection[]) =>
  rejected.map(({ seq, reason }) => ({ seq: BigInt(seq), reason }));

/** Also what was put aside, of which the store may not have heard. */
export const welcome = ({ ackedSeq, ackedDigest, rejected }: Held) =>
  say({
    case: 'welcome',
    value: { ackedSeq: BigInt(ackedSeq), ackedDigest, rejected: onWire(rejected) },
  });

const ack = (ackedSeq: number, rejected: readonly Rejection[]) =>
  say({ case: 'ack', value: { ackedSeq: BigInt(ackedSeq), rejected: onWire(rejected) } });

const replayResult = ({ events }: Replay, refused: readonly Rejection[]) => {
  const wrong = new Set(refused.map(({ seq }) => seq));
  const takenSeqs = events.map(({ seq }) => seq).filter(seq => !wrong.has(Number(seq)));
  return { takenSeqs, rejected: onWire(refused) };
};
