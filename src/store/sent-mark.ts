import type { Database } from './database.ts';

/** How far events may have left the store. What was never sent may still be changed; anything else the cloud may hold. */
export interface SentMark {
  seq(): number;
  /** Before they go out. False while the disk cannot note that more is sent than it knows of: then they must not. */
  sent(seq: number): boolean;
  /** From now on more is sent than the disk is told of: after a crash everything counts as sent. */
  begin(): void;
  /** No more is sent; the disk is told how much was. */
  end(): void;
  /** Another log: nothing of it is known, so everything counts as sent. */
  reset(lastSeq: number): void;
}

const OPEN = 'open';

export function createSentMark(database: Database, lastSeq: () => number): SentMark {
  const { connection } = database;
  const read = connection.prepare<[], string>(`SELECT value FROM meta WHERE key = 'sent_seq'`).pluck();
  const write = connection.prepare(`INSERT OR REPLACE INTO meta VALUES ('sent_seq', ?)`);
  const stored = read.get();
  let highest = stored === undefined || stored === OPEN ? lastSeq() : Number(stored);
  const save = (value: string) => database.reclaim(() => write.run(value)) !== null;
  // What a crash left open is known now, and stays so however often we start.
  if (stored !== String(highest)) save(String(highest));
  /** The disk says that more may have been sent than it knows of. */
  let isNoted = false;
  const note = () => {
    isNoted ||= save(OPEN);
  };
  return {
    seq: () => highest,
    sent(seq) {
      note();
      if (isNoted) highest = Math.max(highest, seq);
      return isNoted;
    },
    begin: note,
    end() {
      if (isNoted) isNoted = !save(String(highest));
    },
    reset(seq) {
      highest = seq;
    },
  };
}
