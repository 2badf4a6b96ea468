import { join } from 'node:path';
import { type Gtin, parseGtin } from '../shared/gtin.ts';
import { type CsvRow, readCsvFile } from './csv-file.ts';
import { gtinField, positiveField, priceField, type Report, reporter } from './fields.ts';
import { adviseNearest } from './nearest.ts';
import { type Problem, show } from './problems.ts';
import type { Item, TemperatureClass } from './site.ts';

const COLUMNS = ['gtin', 'name', 'unitWeightGrams', 'price', 'temperatureClass'] as const;
/** A store that sells nothing by weight need not say so. */
const OPTIONAL = ['soldBy'] as const;
const SOLD_BY = ['unit', 'kg'] as const;
type Row = CsvRow<(typeof COLUMNS)[number] | (typeof OPTIONAL)[number]>;
const CLASSES: readonly TemperatureClass[] = ['ambient', 'chilled', 'frozen'];
const HEAVIEST_GRAMS = 50_000;

export interface LoadedItems {
  readonly items: ReadonlyMap<Gtin, Item>;
  /** Every GTIN that has a line, even a line with another mistake; null when the file is unreadable. */
  readonly gtins: ReadonlySet<Gtin> | null;
  readonly problems: readonly Problem[];
}

/** Reads `items.csv`: one item per line, prices in the store's currency. */
export function loadItems(folder: string, currency: string): LoadedItems {
  const csv = readCsvFile<(typeof COLUMNS)[number] | 'soldBy'>(join(folder, 'items.csv'), COLUMNS, OPTIONAL);
  const problems = [...csv.problems];
  const report = reporter(csv.file, problems);
  const items = new Map<Gtin, Item>();
  const firstLines = new Map<Gtin, number>();
  for (const row of csv.rows) {
    const gtin = gtinField(row.gtin, report);
    const item = readItem(row, currency, report);
    if (gtin === null) continue;
    const firstLine = firstLines.get(gtin);
    if (firstLine !== undefined) {
      report(row.gtin, `GTIN ${row.gtin.text} already stands on line ${firstLine}`, 'keep one line per item');
      continue;
    }
    firstLines.set(gtin, row.gtin.line);
    if (item) items.set(gtin, { gtin, ...item });
  }
  const lost = csv.lost.map(parseGtin).filter(gtin => gtin !== null);
  return { items, gtins: csv.readable ? new Set([...firstLines.keys(), ...lost]) : null, problems };
}

function readItem(row: Row, currency: string, report: Report): Omit<Item, 'gtin'> | null {
  const name = row.name.text;
  if (name === '') report(row.name, 'name is empty', 'write the name that a label shows');
  const weight = row.unitWeightGrams;
  const unitWeightGrams =
    weight.text === '' ? null : positiveField(weight, 'unitWeightGrams', HEAVIEST_GRAMS, report);
  const priceMinor = priceField(row.price, currency, report);
  const temperatureClass = CLASSES.find(known => known === row.temperatureClass.text);
  if (!temperatureClass) {
    const all = `write one of ${CLASSES.join(', ')}`;
    const text = row.temperatureClass.text;
    report(
      row.temperatureClass,
      `temperatureClass is ${text === '' ? 'empty' : show(text)}`,
      adviseNearest(text, CLASSES, all),
    );
  }
  const soldBy = readSoldBy(row, report);
  if (name === '' || priceMinor === null || !temperatureClass || soldBy === null) return null;
  if (unitWeightGrams === null && weight.text !== '') return null;
  return { name, unitWeightGrams, priceMinor, temperatureClass, ...(soldBy === 'kg' ? { soldBy } : {}) };
}

/** `unit` when the field is empty or absent; null after a report. */
function readSoldBy({ soldBy, unitWeightGrams }: Row, report: Report): 'unit' | 'kg' | null {
  const { text } = soldBy;
  const found = text === '' ? 'unit' : SOLD_BY.find(known => known === text);
  if (!found) {
    const mend = adviseNearest(
      text,
      SOLD_BY,
      'write kg for what is sold by weight, and unit or nothing for pieces',
    );
    report(soldBy, `soldBy is ${show(text)}`, mend);
    return null;
  }
  if (found === 'kg' && unitWeightGrams.text === '') {
    report(
      unitWeightGrams,
      'an item sold by kg has no unitWeightGrams',
      'write what one piece weighs as a rule',
    );
    return null;
  }
  return found;
}
