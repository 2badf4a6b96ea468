import { readFileSync, statSync } from 'node:fs';
import { type Problem, START } from './problems.ts';

/** Far above any real store (20,000 items are 2 MB), far below what would hurt the box. */
const MAX_BYTES = 16 * 1024 * 1024;

export type TextFile =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: Problem };

const REASONS: Readonly<Record<string, readonly [what: string, mend: string]>> = {
  ENOENT: ['the file is missing', 'create it; edge-config/minimal shows the shortest valid one'],
  ENOTDIR: ['the file is missing', 'name a folder that holds site.yaml, items.csv and planogram.csv'],
  EISDIR: ['this is a folder, not a file', 'put a file in its place'],
  EACCES: ['the file may not be read', 'give this user the right to read it'],
};

/** Reads a UTF-8 text file without its byte order mark. Every failure is a problem at line 1. */
export function readTextFile(file: string): TextFile {
  const refuse = (what: string, mend: string): TextFile => ({
    ok: false,
    problem: { file, ...START, what, mend },
  });
  try {
    if (statSync(file).size > MAX_BYTES) return refuse('the file is larger than 16 MiB', 'split the store');
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      return refuse('the file is not UTF-8 text', 'save it as UTF-8 (in a spreadsheet: "CSV UTF-8")');
    }
    return refuse(...(REASONS[code] ?? [`the file cannot be read (${code})`, 'check the disk and the path']));
  }
}
