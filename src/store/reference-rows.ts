import type { Database } from './database.ts';
import type { Reference } from './reference.ts';

/** Replaces the site's rows in one transaction. What the log says about things that are gone stays. */
export function writeReference(database: Database, reference: Reference): void {
  const { connection } = database;
  const replace = (table: string, rows: readonly (readonly unknown[])[], width: number) => {
    connection.exec(`DELETE FROM ${table}`);
    const insert = connection.prepare(`INSERT INTO ${table} VALUES (${Array(width).fill('?').join(', ')})`);
    for (const row of rows) insert.run(...row);
  };
  const setting = connection.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
  database.write(() => {
    setting.run('safety_stock', String(reference.safetyStock));
    setting.run('currency', reference.currency);
    replace(
      'site_item',
      reference.items.map(it => [
        it.gtin,
        it.name,
        it.temperatureClass,
        it.priceMinor,
        it.pieceGrams ?? null,
      ]),
      5,
    );
    replace('site_facing', reference.facings.map(facingRow), 9);
    replace(
      'site_device',
      reference.devices.map(it => [it.device, it.profile, it.model, it.kind, it.protocol, it.boundTo]),
      6,
    );
    replace(
      'site_cold_unit',
      reference.coldUnits.map(it => [it.unit, it.device, it.temperatureClass, it.minCelsius, it.maxCelsius]),
      5,
    );
  });
}

const facingRow = (it: Reference['facings'][number]) => [
  it.facing,
  it.fixture,
  it.shelf,
  it.position,
  it.gtin,
  it.capacity,
  it.minimum,
  it.device,
  it.label,
];
