import { parse } from 'csv-parse/sync';
import { adviseNearest } from './nearest.ts';
import { type Position, type Problem, START, show } from './problems.ts';
import { readTextFile } from './text-file.ts';

export interface CsvField extends Position {
  /** Without surrounding blanks and quotes. */
  readonly text: string;
}

export type CsvRow<Column extends string> = Readonly<Record<Column, CsvField>>;

export interface CsvFile<Column extends string> {
  readonly file: string;
  readonly rows: readonly CsvRow<Column>[];
  readonly problems: readonly Problem[];
  /** Fields of lines that are no rows, so that nobody blames other files for what these lines meant to say. */
  readonly lost: readonly string[];
  /** False when no row could be read. */
  readonly readable: boolean;
}

type Line = { readonly number: number; readonly fields: readonly CsvField[] };
type Report = (at: Position, what: string, mend: string) => void;

/**
 * Reads a comma-separated file whose first line names the columns, in any order; `optional` ones may be absent. One row per line;
 * empty lines and lines that start with # are skipped. Never throws.
 */
export function readCsvFile<Column extends string>(
  file: string,
  columns: readonly Column[],
  optional: readonly Column[] = [],
): CsvFile<Column> {
  const read = readTextFile(file);
  if (read.ok) return parseCsv(file, read.text, columns, optional);
  return { file, rows: [], lost: [], problems: [read.problem], readable: false };
}

export function parseCsv<Column extends string>(
  file: string,
  text: string,
  columns: readonly Column[],
  optional: readonly Column[] = [],
): CsvFile<Column> {
  const problems: Problem[] = [];
  const report: Report = (at, what, mend) => {
    problems.push({ file, line: at.line, column: at.column, what, mend });
  };
  const lost: string[] = [];
  const [header, ...body] = splitLines(text, report, lost);
  const order = header ? readHeader(header, columns, optional, report) : null;
  if (!header) report(START, 'the file has no header line', `write ${columns.join(',')} as its first line`);
  if (!order) return { file, rows: [], lost: [], problems, readable: false };
  const rows: CsvRow<Column>[] = [];
  for (const line of body) {
    if (line.fields.length === order.length) {
      rows.push(toRow(order, optional, line));
      continue;
    }
    reportFieldCount(line, order.length, report);
    lost.push(...line.fields.map(field => field.text));
  }
  return { file, rows, lost, problems, readable: true };
}

/** An optional column that the file does not have reads as empty, at the beginning of the line. */
function toRow<Column extends string>(
  order: readonly Column[],
  optional: readonly Column[],
  line: Line,
): CsvRow<Column> {
  const absent = { text: '', line: line.number, column: 1 };
  return Object.fromEntries([
    ...optional.map(column => [column, absent] as const),
    ...order.map((column, index) => [column, line.fields[index]] as const),
  ]) as CsvRow<Column>;
}

function reportFieldCount(line: Line, expected: number, report: Report): void {
  const found = line.fields.length;
  const at = line.fields[expected] ?? { line: line.number, column: 1 };
  const mend =
    found > expected
      ? 'put a field that holds a comma in double quotes'
      : 'write a comma for every empty field too';
  report(at, `this line has ${found} fields, the header has ${expected}`, mend);
}

function readHeader<Column extends string>(
  header: Line,
  columns: readonly Column[],
  optional: readonly Column[],
  report: Report,
): readonly Column[] | null {
  const names = header.fields.map(field => field.text);
  if (names.length === 1 && /[;\t]/.test(names[0]!)) {
    report(
      header.fields[0]!,
      'the fields are not separated by commas',
      'save the file with commas between fields',
    );
    return null;
  }
  const known: readonly string[] = [...columns, ...optional];
  for (const [index, field] of header.fields.entries()) {
    if (!known.includes(field.text)) {
      const absent = known.filter(column => !names.includes(column));
      const advice = `remove it; known columns are ${known.join(', ')}`;
      report(field, `unknown column ${show(field.text)}`, adviseNearest(field.text, absent, advice));
    } else if (names.indexOf(field.text) < index) {
      report(field, `column ${field.text} stands twice`, 'remove one of the two');
    }
  }
  const missing = columns.filter(column => !names.includes(column));
  for (const column of missing) {
    report({ line: header.number, column: 1 }, `column ${column} is missing`, `add ${column} to this line`);
  }
  // Unknown columns keep their place in the order, so that the known ones stay aligned.
  return missing.length === 0 ? (names as Column[]) : null;
}

function splitLines(text: string, report: Report, lost: string[]): Line[] {
  const lines: Line[] = [];
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    if (raw.trim() === '' || raw.startsWith('#')) continue;
    const texts = splitFields(raw);
    if (texts === null) {
      lost.push(...raw.split(','));
      const at = { line: index + 1, column: raw.indexOf('"') + 1 };
      report(
        at,
        'a double quote is out of place',
        'quote a whole field, close it on the same line, write "" for a quote',
      );
    } else {
      lines.push({ number: index + 1, fields: locate(raw, texts, index + 1) });
    }
  }
  return lines;
}

/** The fields of one line, or null when its quotes do not match. Lines without a quote need no parser. */
function splitFields(raw: string): readonly string[] | null {
  if (!raw.includes('"')) return raw.split(',').map(field => field.trim());
  try {
    const records: string[][] = parse(raw, { relax_column_count: true, trim: true });
    return records[0] ?? null;
  } catch {
    return null;
  }
}

function locate(raw: string, texts: readonly string[], line: number): CsvField[] {
  const starts = [0];
  let quoted = false;
  for (let index = 0; index < raw.length; index++) {
    if (raw[index] === '"') quoted = !quoted;
    else if (raw[index] === ',' && !quoted) starts.push(index + 1);
  }
  return texts.map((text, index) => ({ text, line, column: (starts[index] ?? 0) + 1 }));
}
