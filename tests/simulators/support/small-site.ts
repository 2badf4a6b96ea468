import type { DeviceProfile } from '../../../src/config/profile-schema.ts';
import type { Facing, Item, Site, SiteDevice } from '../../../src/config/site.ts';
import { type Gln, type Gtin, gs1CheckDigit } from '../../../src/shared/gtin.ts';

type Model = DeviceProfile['simulator']['model'];

const profile = (
  model: Model,
  kind: DeviceProfile['kind'],
  more: Partial<DeviceProfile> = {},
): DeviceProfile => ({
  schema: 1,
  id: `test-${model}`,
  vendor: 'Test',
  models: ['Test'],
  kind,
  sources: [{ title: 'this file', trust: 'ours' }],
  protocol: 'mqtt',
  groups: {},
  points: [],
  golden: [],
  simulator: { model, defaults: model === 'shelf' ? { plates: 4 } : {} },
  ...more,
});

const CASE = profile('case', 'refrigeration', {
  protocol: 'modbus',
  points: [
    { key: 'air_temperature', table: 'holding', addr: 2575, type: 's16', scale: 0.1, offset: 0 },
    { key: 'cooling', table: 'holding', addr: 2509, type: 'u16', scale: 1, offset: 0 },
  ],
});
const COUNTER = profile('counter', 'footfall', {
  points: [
    { key: 'people_in_total', path: 'people_total_in', scale: 1, offset: 0 },
    { key: 'people_out_total', path: 'people_total_out', scale: 1, offset: 0 },
  ],
  mqtt: { topic: 'milesight/uplink/{device}', payload: 'json', maxBytes: 65_536, commands: [] },
});

export const gtinOf = (number: number): Gtin => {
  const body = `952132100${String(number).padStart(3, '0')}`;
  return `0${body}${gs1CheckDigit(body)}` as Gtin;
};

/** Weights that no two neighbours share. Facings 1 to 3 stand on shelf-1, 4 to 6 on shelf-2; 6 has no plates. */
const WEIGHTS = [165, 520, 90, 1030, 250, 330];

const device = (id: string, of: DeviceProfile, bind: SiteDevice['bind'] = {}): SiteDevice => ({
  id,
  profile: of,
  address: { protocol: 'mqtt', name: id },
  bind,
});

function facing(index: number): Facing {
  const shelf = index < 3 ? 1 : 2;
  // The first facing of a shelf owns two plates, the others one.
  const numbers = [[1, 2], [3], [4]][index % 3]!;
  const plates = index === 5 ? [] : numbers.map(plate => ({ device: `shelf-${shelf}`, plate }));
  return {
    id: `F${index + 1}`,
    fixture: `fixture ${shelf}`,
    shelf: '1',
    position: (index % 3) + 1,
    gtin: gtinOf(index + 1),
    capacity: 14,
    minimum: 3,
    plates,
    label: index === 0 ? 'label-1' : null,
  };
}

/** A store of two shelves with four plates each, a case, a door, a label and a till. */
export function smallSite(ports: { http: number; mqtt: number; modbus: number }): Site {
  const items: Item[] = WEIGHTS.map((unitWeightGrams, i) => ({
    gtin: gtinOf(i + 1),
    name: `Item ${i + 1}`,
    unitWeightGrams,
    priceMinor: 199,
    temperatureClass: i === 1 ? 'chilled' : 'ambient',
  }));
  const facings = WEIGHTS.map((_, i) => facing(i));
  const devices: SiteDevice[] = [
    device('shelf-1', profile('shelf', 'shelf')),
    device('shelf-2', profile('shelf', 'shelf')),
    device('label-1', profile('label', 'label')),
    device('door-1', COUNTER, { door: 'Main' }),
    device('till-1', profile('till', 'till')),
    {
      id: 'case-1',
      profile: CASE,
      address: { protocol: 'modbus', host: '127.0.0.1', port: ports.modbus, unit: 1 },
      bind: { unit: 'Case', temperatureClass: 'chilled' },
    },
  ];
  return {
    folder: 'small',
    store: { gln: '9521321000018' as Gln, name: 'Small', timeZone: 'UTC', currency: 'EUR' },
    listen: { host: '127.0.0.1', http: ports.http },
    mqtt: { port: ports.mqtt },
    cloud: null,
    policies: {
      stock: { safetyStock: 0 },
      coldChain: {
        chilled: { minCelsius: -1, maxCelsius: 5, alarmAfterMinutes: 30 },
        frozen: { minCelsius: -30, maxCelsius: -18, alarmAfterMinutes: 30 },
      },
      sync: { backlogMegabytes: 512 },
      retainDays: 30,
    },
    devices: new Map(devices.map(entry => [entry.id, entry])),
    items: new Map(items.map(item => [item.gtin, item])),
    facings: new Map(facings.map(entry => [entry.id, entry])),
  };
}

export const NO_PORTS = { http: 0, mqtt: 0, modbus: 0 };
