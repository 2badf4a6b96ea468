import type Sqlite from 'better-sqlite3';
import type { LogEntry } from '../fact.ts';

/**
 * Which copy of the tables: the live ones (every event), or the base (the events that were trimmed from the
 * log). The text is the tables' name prefix.
 */
export type Fold = '' | 'base_';

export type Apply = (entry: LogEntry) => void;

/** Tables that can be computed from the log alone, and how. Entries are applied in log order, each once. */
export interface Projection {
  /** Without prefix, in an order in which they may be emptied. */
  readonly tables: readonly string[];
  /** Prepares the statements once and returns the fold of one entry. */
  prepare(connection: Sqlite.Database, fold: Fold): Apply;
  /** Statements that drop what only trimmed history needed; the parameter is the last trimmed sequence. */
  forget(fold: Fold): readonly string[];
}
