import { readFileSync, statSync } from 'node:fs';

/**
 * Certificates that are not believed any more: a file with one serial number (hexadecimal) a line, `#` begins a comment. A
 * change counts from the next call on; a file that is not there withdraws nothing.
 */
export function createRevocations(file: string): (serialNumber: string) => boolean {
  let readAtMs = Number.NaN;
  let serials: ReadonlySet<string> = new Set();
  return serialNumber => {
    const changedMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (changedMs !== readAtMs) {
      serials = changedMs === 0 ? new Set() : readSerials(file);
      readAtMs = changedMs;
    }
    return serials.has(serialNumber.toUpperCase());
  };
}

function readSerials(file: string): ReadonlySet<string> {
  const lines = readFileSync(file, 'utf8').split('\n');
  const numbers = lines.map(line => line.replace(/#.*/, '').replaceAll(/[\s:]/g, ''));
  return new Set(numbers.filter(number => number !== '').map(number => number.toUpperCase()));
}
