import { join } from 'node:path';
import type { Gtin } from '../shared/gtin.ts';
import { type CsvField, type CsvRow, readCsvFile } from './csv-file.ts';
import { gtinField, type Report, reporter, wholeField } from './fields.ts';
import type { LoadedItems } from './items.ts';
import { adviseNearest } from './nearest.ts';
import { type Problem, show } from './problems.ts';
import type { Facing, PlateAddress } from './site.ts';

const COLUMNS = [
  'facing',
  'fixture',
  'shelf',
  'position',
  'gtin',
  'capacity',
  'minimum',
  'plates',
  'label',
] as const;
type Row = CsvRow<(typeof COLUMNS)[number]>;

/** Plates are numbered in one byte on the wire. */
const LAST_PLATE = 255;
const MOST_UNITS = 10_000;
/** Facings on the same plates. */
const MOST_SHARERS = 6;
const MOST_GRAMS = 1_000_000;

/** Device ids with the kind of their profile; null when the profile is not known. */
export type KnownDevices = ReadonlyMap<string, string | null>;

interface Context {
  readonly items: LoadedItems;
  /** null when site.yaml cannot be read. */
  readonly devices: KnownDevices | null;
  readonly report: Report;
  /** What has been given away, with the line that has it. */
  readonly taken: Map<string, number>;
  /** Plates that are marked as shared: the line that named each first, with which others, and how many do. */
  readonly shared: Map<string, { readonly line: number; readonly set: string; facings: number }>;
}

/** Reads `planogram.csv`: one facing per line. */
export function loadPlanogram(
  folder: string,
  items: LoadedItems,
  devices: KnownDevices | null,
): { readonly facings: ReadonlyMap<string, Facing>; readonly problems: readonly Problem[] } {
  const csv = readCsvFile(join(folder, 'planogram.csv'), COLUMNS);
  const problems = [...csv.problems];
  const context: Context = {
    items,
    devices,
    report: reporter(csv.file, problems),
    taken: new Map(),
    shared: new Map(),
  };
  const facings = new Map<string, Facing>();
  for (const row of csv.rows) {
    const facing = readFacing(row, context);
    if (facing) facings.set(facing.id, facing);
  }
  return { facings, problems };
}

function readFacing(row: Row, context: Context): Facing | null {
  const { report } = context;
  const id = readId(row.facing, context);
  const fixture = wordField(row.fixture, 'fixture', report);
  const shelf = wordField(row.shelf, 'shelf', report);
  const position = wholeField(row.position, 'position', { min: 1, max: 999 }, report);
  const gtin = readItemGtin(row.gtin, context);
  // An item that is sold by weight fills its place in grams.
  const isByWeight = gtin !== null && context.items.items.get(gtin)?.soldBy === 'kg';
  const max = isByWeight ? MOST_GRAMS : MOST_UNITS;
  const capacity = wholeField(row.capacity, 'capacity', { min: 1, max }, report);
  const minimum = wholeField(row.minimum, 'minimum', { min: 0, max }, report);
  const plates = readPlates(row.plates, context);
  const label = readLabel(row.label, context);
  if (capacity !== null && minimum !== null && minimum > capacity) {
    report(row.minimum, `minimum ${minimum} is above the capacity ${capacity}`, `write 0 to ${capacity}`);
  }
  if (fixture !== null && shelf !== null && position !== null) {
    const place = `fixture ${fixture}, shelf ${shelf}, position ${position}`;
    take(place, row.position, context, 'give each facing of a shelf its own position');
  }
  if (gtin !== null && plates.length > 0 && context.items.items.get(gtin)?.unitWeightGrams === null) {
    const mend = 'write unitWeightGrams in items.csv, or leave plates empty';
    report(row.plates, `the item ${row.gtin.text} has plates but no unit weight`, mend);
  }
  if (isByWeight && row.plates.text.includes('+')) {
    const mend = 'give it plates of its own, or sell it by unit';
    report(row.plates, `the item ${row.gtin.text} is sold by kg and shares plates`, mend);
  }
  if (id === null || fixture === null || shelf === null || position === null) return null;
  if (gtin === null || capacity === null || minimum === null) return null;
  return { id, fixture, shelf, position, gtin, capacity, minimum, plates, label };
}

/** Marks something as given away; false after a report that it already was. */
function take(what: string, at: CsvField, context: Context, mend: string): boolean {
  const line = context.taken.get(what);
  if (line === undefined) context.taken.set(what, at.line);
  else context.report(at, `${what} is already used on line ${line}`, mend);
  return line === undefined;
}

function wordField(field: CsvField, name: string, report: Report): string | null {
  if (field.text !== '') return field.text;
  report(field, `${name} is empty`, `write the ${name}'s name`);
  return null;
}

function readId(field: CsvField, context: Context): string | null {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,47}$/.test(field.text)) {
    const fault = field.text === '' ? 'empty' : show(field.text);
    context.report(field, `facing is ${fault}`, 'write letters, digits, hyphens, such as A1-3');
    return null;
  }
  return take(`facing ${field.text}`, field, context, 'give each facing its own id') ? field.text : null;
}

function readItemGtin(field: CsvField, { items, report }: Context): Gtin | null {
  const gtin = gtinField(field, report);
  if (gtin !== null && items.gtins !== null && !items.gtins.has(gtin)) {
    report(field, `no item has the GTIN ${field.text}`, 'add it to items.csv, or correct it');
  }
  return gtin;
}

function readPlates(field: CsvField, context: Context): PlateAddress[] {
  const plates: (PlateAddress & { readonly isShared: boolean })[] = [];
  for (const match of field.text.matchAll(/\S+/g)) {
    const at = { ...field, column: field.column + match.index };
    const plate = readPlate(match[0], at, context);
    if (plate) plates.push(plate);
  }
  const other = plates.find(plate => plate.device !== plates[0]!.device);
  if (other) {
    const what = `the plates belong to two devices, ${plates[0]!.device} and ${other.device}`;
    context.report(field, what, 'plates of one facing must belong to one shelf device');
  }
  if (plates.some(({ isShared }) => isShared)) checkShared(plates, field, context);
  return plates.map(({ device, plate }) => ({ device, plate }));
}

/** Several items may stand on the same plates, if their facings name exactly the same ones and mark each. */
function checkShared(
  plates: readonly (PlateAddress & { readonly isShared: boolean })[],
  field: CsvField,
  { shared, report }: Context,
): void {
  const mend = 'facings that share plates must list exactly the same plates, each with a +';
  const ids = plates.map(({ device, plate }) => `${device}:${plate}`);
  const alone = plates.findIndex(({ isShared }) => !isShared);
  if (alone >= 0) report(field, `plate ${ids[alone]} stands beside a shared one without a +`, mend);
  const set = ids.toSorted().join(' ');
  for (const id of ids) {
    const before = shared.get(id);
    if (!before) shared.set(id, { line: field.line, set, facings: 1 });
    else if (before.set !== set) {
      report(field, `plate ${id} is shared on line ${before.line} together with others`, mend);
      return;
    } else if (++before.facings === MOST_SHARERS + 1) {
      const fewer = `put at most ${MOST_SHARERS} items on the same plates; weights could not tell more apart`;
      report(field, `plate ${id} holds the items of ${before.facings} facings`, fewer);
      return;
    }
  }
}

function readPlate(
  text: string,
  at: CsvField,
  context: Context,
): (PlateAddress & { readonly isShared: boolean }) | null {
  const match = /^([^:]+):(\d{1,3})(\+?)$/.exec(text);
  const plate = match ? Number(match[2]) : 0;
  if (!match || plate < 1 || plate > LAST_PLATE) {
    context.report(
      at,
      `${show(text)} is not a plate`,
      'write device:number with a blank between plates, such as shelf-a1:1 shelf-a1:2',
    );
    return null;
  }
  const device = match[1]!;
  const isShared = match[3] !== '';
  if (!checkDevice(device, 'shelf', at, context)) return null;
  const id = `${device}:${plate}`;
  if (isShared && context.shared.has(id)) return { device, plate, isShared };
  const mend = `a plate belongs to one facing, or write ${id}+ on the lines of all items that share it`;
  return take(`plate ${id}`, at, context, mend) ? { device, plate, isShared } : null;
}

function readLabel(field: CsvField, context: Context): string | null {
  if (field.text === '' || !checkDevice(field.text, 'label', field, context)) return null;
  return take(`label ${field.text}`, field, context, 'a label shows one facing') ? field.text : null;
}

function checkDevice(
  id: string,
  wanted: 'shelf' | 'label',
  at: CsvField,
  { devices, report }: Context,
): boolean {
  if (devices === null) return true;
  const kind = devices.get(id);
  if (kind === undefined) {
    const alike = [...devices].filter(([, known]) => known === wanted).map(([known]) => known);
    report(
      at,
      `no device has the id ${show(id)}`,
      adviseNearest(id, alike, 'add it to devices in site.yaml'),
    );
    return false;
  }
  if (kind === null || kind === wanted) return true;
  report(at, `device ${id} is a ${kind}, not a ${wanted}`, `name a ${wanted} device here`);
  return false;
}
