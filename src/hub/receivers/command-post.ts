import { randomUUID } from 'node:crypto';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type Command,
  type CommandResult,
  CommandResultSchema,
  CommandSchema,
} from '../../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { Clock } from '../../shared/clock.ts';
import type { HubDatabase } from '../database.ts';
import type { NoResult, StoreLinks } from '../store-links.ts';
import { receiverOf } from './presence.ts';

type Outcome = CommandResult | NoResult;

/** Carries commands between the receiver that was asked and the one where the store's stream ends, through the database. */
export interface CommandPost {
  /** Sends the command wherever the store is, and waits for its result, at most `waitMs`. */
  ask(store: string, command: Command, waitMs: number): Promise<Outcome>;
  /** Takes in what others asked of stores that are here, and the answers to what was asked here. */
  look(): Promise<void>;
}

export interface CommandPostOptions {
  readonly database: HubDatabase;
  readonly links: Pick<StoreLinks, 'find' | 'ask'>;
  readonly receiver: string;
  /** Makes another receiver look at once. It looks by itself too, a little later. */
  readonly hint: (receiver: string) => void;
  readonly clock: Clock;
}

export function createCommandPost(options: CommandPostOptions): CommandPost {
  const { database, links, receiver, hint, clock } = options;
  const waiting = new Map<string, (outcome: Outcome) => void>();
  return {
    async ask(store, command, waitMs) {
      if (links.find(store)) return links.ask(store, command, waitMs);
      const elsewhere = await receiverOf(database, store);
      if (elsewhere === null || elsewhere === receiver) return 'offline';
      const call = randomUUID();
      const answered = new Promise<Outcome>(resolve => waiting.set(call, resolve));
      const late = clock.after(waitMs, () => waiting.get(call)?.('late'));
      try {
        await database.query(
          `INSERT INTO passed_command (store, call, receiver, asked_by, command, until)
           VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))`,
          [store, call, elsewhere, receiver, toBinary(CommandSchema, command), waitMs / 1000],
        );
        hint(elsewhere);
        return await answered;
      } finally {
        late.cancel();
        waiting.delete(call);
        await database.query('DELETE FROM passed_command WHERE store = $1 AND call = $2', [store, call]);
      }
    },
    async look() {
      const passed = await takePassed(options);
      // Nobody waits here for a store's answer: it is written down when it comes.
      for (const each of passed) void carryOut(options, each);
      if (waiting.size === 0) return;
      for (const { call, outcome } of await outcomesOf(database, [...waiting.keys()]))
        waiting.get(call)?.(outcome);
    },
  };
}

interface Passed {
  readonly store: string;
  readonly call: string;
  readonly asked_by: string;
  readonly command: Uint8Array;
  readonly rest_ms: unknown;
}

const takePassed = ({ database, receiver }: CommandPostOptions): Promise<readonly Passed[]> =>
  database.query<Passed>(
    `UPDATE passed_command SET taken = true WHERE receiver = $1 AND NOT taken
     RETURNING store, call, asked_by, command, extract(epoch FROM until - now()) * 1000 AS rest_ms`,
    [receiver],
  );

/** Never rejects: whoever asked waits no longer than it wanted to. */
async function carryOut({ database, links, hint }: CommandPostOptions, passed: Passed): Promise<void> {
  const { store, call, asked_by, command, rest_ms } = passed;
  try {
    const outcome = await links.ask(store, fromBinary(CommandSchema, command), Math.max(0, Number(rest_ms)));
    const [word, result] =
      typeof outcome === 'string' ? [outcome, null] : ['answered', toBinary(CommandResultSchema, outcome)];
    await database.query(
      'UPDATE passed_command SET outcome = $3, result = $4 WHERE store = $1 AND call = $2',
      [store, call, word, result],
    );
    hint(asked_by);
  } catch {
    // The same database is asked for the answer, so the one who waits learns it there.
  }
}

/** What has become of these calls. One that was passed to a receiver that died is lost. */
async function outcomesOf(database: HubDatabase, calls: readonly string[]) {
  const rows = await database.query<{ call: string; outcome: string | null; result: Uint8Array | null }>(
    `SELECT p.call, coalesce(p.outcome, 'lost') AS outcome, p.result
     FROM passed_command p LEFT JOIN receiver v ON v.receiver = p.receiver
     WHERE p.call = ANY($1::text[]) AND (p.outcome IS NOT NULL OR v.until IS NULL OR v.until <= now())`,
    [calls],
  );
  return rows.map(({ call, outcome, result }) => ({
    call,
    outcome: result ? fromBinary(CommandResultSchema, result) : (outcome as NoResult),
  }));
}
