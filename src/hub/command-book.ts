import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type CommandResult, CommandResultSchema } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import { limits } from '../shared/limits.ts';
import type { HubDatabase } from './database.ts';
import { gathered } from './gathered.ts';

export interface AskedCommand {
  readonly store: string;
  readonly requestId: string;
  readonly content: Uint8Array;
  readonly nowMs: number;
}

export type Known =
  | { readonly kind: 'new' | 'unanswered' | 'other' }
  | { readonly kind: 'answered'; readonly result: CommandResult };

/** What was asked of stores, and their final answers. */
export interface CommandBook {
  /** Notes a command; `other` means that its id stands for another content. */
  ask(command: AskedCommand): Promise<Known>;
  answer(store: string, result: CommandResult): Promise<void>;
}

interface Row {
  readonly store: string;
  readonly request_id: string;
  readonly body: Uint8Array;
  readonly result: Uint8Array | null;
}

export function createCommandBook(database: HubDatabase): CommandBook {
  const insert = gathered<AskedCommand, boolean>(limits.hubGathered, calls => insertNew(database, calls));
  const keep = gathered<{ store: string; result: CommandResult }, void>(limits.hubGathered, async answers => {
    await database.query(
      `UPDATE command c SET result = r.result
       FROM unnest($1::text[], $2::text[], $3::bytea[]) AS r (store, request_id, result)
       WHERE c.store = r.store AND c.request_id = r.request_id`,
      [
        answers.map(({ store }) => store),
        answers.map(({ result }) => result.requestId),
        answers.map(({ result }) => toBinary(CommandResultSchema, result)),
      ],
    );
    return new Array<void>(answers.length);
  });
  return {
    async ask(command) {
      if (await insert(command)) return { kind: 'new' };
      const [row] = await database.query<Row>(
        'SELECT store, request_id, body, result FROM command WHERE store = $1 AND request_id = $2',
        [command.store, command.requestId],
      );
      if (row && Buffer.compare(row.body, command.content) !== 0) return { kind: 'other' };
      if (!row?.result) return { kind: 'unanswered' };
      return { kind: 'answered', result: fromBinary(CommandResultSchema, row.result) };
    },
    answer: (store, result) => keep({ store, result }),
  };
}

/** Whether each of them is new here. */
async function insertNew(database: HubDatabase, calls: readonly AskedCommand[]): Promise<readonly boolean[]> {
  const rows = await database.query<Pick<Row, 'store' | 'request_id'>>(
    `INSERT INTO command (store, request_id, body, asked_at)
     SELECT c.store, c.request_id, c.body, to_timestamp(c.asked)
     FROM unnest($1::text[], $2::text[], $3::bytea[], $4::float8[]) AS c (store, request_id, body, asked)
     ON CONFLICT (store, request_id) DO NOTHING RETURNING store, request_id`,
    [
      calls.map(({ store }) => store),
      calls.map(({ requestId }) => requestId),
      calls.map(({ content }) => content),
      calls.map(({ nowMs }) => nowMs / 1000),
    ],
  );
  const inserted = new Set(rows.map(row => `${row.store} ${row.request_id}`));
  // Of two callers with one id the first has put it there.
  return calls.map(({ store, requestId }) => inserted.delete(`${store} ${requestId}`));
}
