import { parseGln } from '../shared/gtin.ts';
import { type CsvField, type CsvRow, readCsvFile } from './csv-file.ts';
import { type Report, reporter } from './fields.ts';
import { type Problem, show } from './problems.ts';
import { glnFault, isTimeZone } from './store-identity.ts';

const COLUMNS = ['gln', 'name', 'latitude', 'longitude'] as const;
/** Without it times of the store are told in UTC. */
const OPTIONAL = ['timeZone'] as const;
type Row = CsvRow<(typeof COLUMNS)[number] | (typeof OPTIONAL)[number]>;

/** Where a store of the chain is and what it is called. Degrees of WGS 84, north and east positive. */
export interface PlacedStore {
  readonly store: string;
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly timeZone: string;
}

/** Reads the chain's list of stores, one a line. */
export function loadStorePlaces(file: string): {
  stores: readonly PlacedStore[];
  problems: readonly Problem[];
} {
  const csv = readCsvFile<(typeof COLUMNS)[number] | 'timeZone'>(file, COLUMNS, OPTIONAL);
  const problems = [...csv.problems];
  const report = reporter(csv.file, problems);
  const stores = new Map<string, PlacedStore>();
  const lines = new Map<string, number>();
  for (const row of csv.rows) {
    const placed = readRow(row, report);
    const first = lines.get(row.gln.text);
    if (first !== undefined) {
      report(row.gln, `store ${row.gln.text} already stands on line ${first}`, 'keep one line per store');
    } else if (placed) stores.set(placed.store, placed);
    lines.set(row.gln.text, first ?? row.gln.line);
  }
  return { stores: [...stores.values()], problems };
}

function readRow(row: Row, report: Report): PlacedStore | null {
  const store = parseGln(row.gln.text);
  if (!store) report(row.gln, ...glnFault(row.gln.text));
  const name = row.name.text;
  if (name === '') report(row.name, 'name is empty', 'write what people call the store');
  const latitude = degrees(row.latitude, 'latitude', 90, report);
  const longitude = degrees(row.longitude, 'longitude', 180, report);
  const timeZone = row.timeZone.text || 'UTC';
  if (!isTimeZone(timeZone)) {
    report(row.timeZone, `there is no time zone ${show(timeZone)}`, 'write one such as Europe/Berlin');
    return null;
  }
  if (!store || name === '' || latitude === null || longitude === null) return null;
  return { store, name, latitude, longitude, timeZone };
}

function degrees(field: CsvField, name: string, most: number, report: Report): number | null {
  const value = /^[+-]?\d+(\.\d+)?$/.test(field.text) ? Number(field.text) : Number.NaN;
  if (Math.abs(value) <= most) return value;
  const shown = field.text === '' ? 'empty' : show(field.text);
  report(
    field,
    `${name} is ${shown}`,
    `write degrees with a point, from -${most} to ${most}, such as 52.5200`,
  );
  return null;
}
