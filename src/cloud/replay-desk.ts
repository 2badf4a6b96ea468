import type { Clock, Timer } from '../shared/clock.ts';
import { limits } from '../shared/limits.ts';
import { fail, ok, type Result } from '../shared/result.ts';
import type { DeadLetter, Outbox } from '../store/outbox.ts';
import type { ReplayView } from '../store/views.ts';
import { encodeEntry } from './encode.ts';
import type { Event } from './gen/aisle/sync/v1/event_pb.ts';
import type { ReplayResult } from './gen/aisle/sync/v1/sync_pb.ts';

interface ReplayDeskOptions {
  readonly outbox: Pick<Outbox, 'deadLetters' | 'deadLetterOf' | 'takenBack'>;
  readonly clock: Clock;
  readonly send: (events: Event[]) => void;
}

/** Sends events again that the cloud had put aside, and waits for what it says of them. */
export interface ReplayDesk {
  /** Null asks for the oldest of all, as many as one message takes. */
  ask(seqs: readonly number[] | null): Promise<Result<ReplayView>>;
  hear(result: ReplayResult): void;
  /** The link is gone, and with it the answer. */
  stop(): void;
}

const ANSWER_MS = 10_000;

/** One question is under way at a time: the answer does not say which it is to. */
export function createReplayDesk({ outbox, clock, send }: ReplayDeskOptions): ReplayDesk {
  let asked: { answer(result: Result<ReplayView>): void; timer: Timer } | null = null;
  const answer = (result: Result<ReplayView>) => {
    asked?.timer.cancel();
    asked?.answer(result);
    asked = null;
  };
  return {
    async ask(seqs) {
      if (asked) return fail('busy', 'dead letters are being sent again already; wait for the answer', true);
      const letters = find(outbox, seqs);
      if (!letters.ok) return letters;
      if (letters.value.length === 0) return ok({ taken: [], refused: [] });
      return await new Promise(resolve => {
        const timer = clock.after(ANSWER_MS, () =>
          answer(fail('comms', `the cloud said nothing of it within ${ANSWER_MS / 1000} s`, true)),
        );
        asked = { answer: resolve, timer };
        send(letters.value.map(({ entry }) => encodeEntry(entry)));
      });
    },
    hear({ takenSeqs, rejected }) {
      const taken = takenSeqs.map(Number);
      outbox.takenBack(taken);
      answer(ok({ taken, refused: rejected.map(({ seq, reason }) => ({ seq: Number(seq), reason })) }));
    },
    stop: () => answer(fail('comms', 'the link was lost before the cloud answered', true)),
  };
}

function find(
  outbox: ReplayDeskOptions['outbox'],
  seqs: readonly number[] | null,
): Result<readonly DeadLetter[]> {
  if (seqs === null) return ok(outbox.deadLetters(limits.uplinkBatchEvents));
  const letters: DeadLetter[] = [];
  for (const seq of seqs.slice(0, limits.uplinkBatchEvents)) {
    const letter = outbox.deadLetterOf(seq);
    if (!letter) return fail('not_found', `event ${seq} is no dead letter; GET /api/v1/sync lists them`);
    letters.push(letter);
  }
  return ok(letters);
}
