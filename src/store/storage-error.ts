import Sqlite from 'better-sqlite3';
import type { Failure } from '../shared/result.ts';
import { fail } from '../shared/result.ts';

/** The database could not write. Nothing of the transaction is kept; the same commit may work later. */
export class StorageError extends Error {
  /** No space was left, as opposed to a disk that failed. */
  readonly full: boolean;

  constructor(message: string, full: boolean, cause: unknown) {
    super(message, { cause });
    this.name = 'StorageError';
    this.full = full;
  }

  get failure(): Failure {
    return { code: 'storage', message: this.message, retry: true };
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Turns what the disk did to us into a StorageError; anything else is a bug and comes back as it is. */
export function asStorageError(error: unknown, folder: string): unknown {
  if (!(error instanceof Sqlite.SqliteError)) return error;
  if (error.code === 'SQLITE_FULL') {
    return new StorageError(`The disk that holds ${folder} is full; free some space there.`, true, error);
  }
  if (/^SQLITE_(IOERR|READONLY|CANTOPEN)/.test(error.code)) {
    // A quota or a size limit arrives as a failed write, with the same remedy as a full disk.
    const full = error.code === 'SQLITE_IOERR_WRITE';
    return new StorageError(`The disk that holds ${folder} refused a write (${error.code}).`, full, error);
  }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(error.code)) {
    return new StorageError(`The database in ${folder} is damaged (${error.code}).`, false, error);
  }
  return error;
}

/** One sentence for whoever started the program, or null when the error is a bug. */
export function openFailure(error: unknown, folder: string): { ok: false; error: Failure } | null {
  const code = codeOf(error);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return fail(
      'storage',
      `The data folder ${folder} is in use by another gateway; stop that one or name another folder.`,
    );
  }
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return damaged(folder, code);
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') {
    return fail('storage', `The disk that holds ${folder} is full; free some space and start again.`, true);
  }
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return fail('storage', `The data folder ${folder} is not a folder; name another one.`);
  }
  if (/^(SQLITE_(IOERR|READONLY|CANTOPEN|PERM)|E[A-Z]+$)/.test(code)) {
    return fail(
      'storage',
      `The data folder ${folder} cannot be written (${code}); make it writable for this user or name another folder.`,
    );
  }
  return null;
}

export function damaged(folder: string, finding: string): { ok: false; error: Failure } {
  return fail(
    'storage',
    `The database ${folder}/aisle.db is damaged or not a database (${finding}); move it away or restore a backup, then start again.`,
  );
}
