import { type Gtin, gs1CheckDigit, parseGtin } from '../../src/shared/gtin.ts';

/** The demo store's layout in short: six shelves of five facings, as the documents and screens show it. */

interface LayoutItem {
  readonly gtin: Gtin;
  readonly name: string;
  readonly temperatureClass: string;
  readonly priceMinor: number;
}

/** A GTIN under the prefix that GS1 keeps for examples. */
export function exampleGtin(number: number): Gtin {
  const body = `952132100${String(number).padStart(3, '0')}`;
  return parseGtin(`${body}${gs1CheckDigit(body)}`)!;
}

const NAMES: readonly (readonly [string, number])[] = [
  ['Oat drink, unsweetened 1 l', 199],
  ['Rice crackers 100 g', 149],
  ['Dark chocolate 70 % 100 g', 229],
  ['Roasted almonds 150 g', 349],
  ['Granola with honey 500 g', 429],
  ['Spaghetti no. 5 500 g', 99],
  ['Tomato passata 690 g', 179],
  ['Olive oil extra virgin 500 ml', 799],
  ['Chickpeas 400 g', 89],
  ['Basil pesto 190 g', 279],
  ['Whole milk 3.5 % 1 l', 129],
  ['Natural yoghurt 500 g', 159],
  ['Butter 250 g', 239],
  ['Mountain cheese slices 150 g', 299],
  ['Free-range eggs, 10', 329],
  ['Apple juice 1 l', 189],
  ['乌龙茶 500 ml', 219],
  ['Sparkling water 750 ml', 69],
  ['Cold brew coffee 250 ml', 249],
  ['Ginger shot 60 ml', 199],
  ['Frozen raspberries 300 g', 399],
  ['Spinach, frozen 450 g', 189],
  ['Pizza margherita 320 g', 349],
  ['Vanilla ice cream 500 ml', 449],
  ['Peas, frozen 450 g', 169],
  ['Washing-up liquid 500 ml', 145],
  ['Kitchen paper, 4 rolls', 295],
  ['Toothpaste 75 ml', 179],
  ['Hand soap refill 500 ml', 219],
  ['Rubbish bags 35 l, 20', 189],
];

export const SHELVES = ['A1', 'A2', 'B1', 'B2', 'C1', 'C2'] as const;
export const LABELS = ['A1-1', 'A1-3', 'A2-2', 'B1-1', 'B1-4', 'B2-3', 'C1-2', 'C2-1'];
export const COUNTED_BY_DOCUMENTS = ['C1-4', 'C1-5', 'C2-4', 'C2-5'];

export const LAYOUT_ITEMS: readonly LayoutItem[] = NAMES.map(([name, priceMinor], index) => ({
  gtin: exampleGtin(index + 1),
  name,
  temperatureClass: index >= 20 && index < 25 ? 'frozen' : index >= 10 && index < 15 ? 'chilled' : 'ambient',
  priceMinor,
}));

export const LAYOUT_FACINGS = LAYOUT_ITEMS.map((item, index) => {
  const shelf = SHELVES[Math.floor(index / 5)]!;
  const position = (index % 5) + 1;
  const facing = `${shelf}-${position}`;
  return {
    facing,
    fixture: shelf[0]!,
    shelf: shelf.slice(1),
    position,
    item,
    capacity: 8 + ((index * 5) % 9),
    minimum: 2 + (index % 3),
    label: LABELS.includes(facing) ? `label-${facing.toLowerCase()}` : null,
    countedBy: COUNTED_BY_DOCUMENTS.includes(facing) ? ('documents' as const) : ('weights' as const),
  };
});

export type LayoutFacing = (typeof LAYOUT_FACINGS)[number];

export interface LayoutColdUnit {
  readonly unit: string;
  readonly device: string;
  readonly temperatureClass: string;
  readonly min: number;
  readonly max: number;
  readonly usual: number;
}

export const LAYOUT_COLD: readonly LayoutColdUnit[] = [
  { unit: 'Dairy case', device: 'dairy-case', temperatureClass: 'chilled', min: -1, max: 5, usual: 3.4 },
  { unit: 'Freezer', device: 'freezer-case', temperatureClass: 'frozen', min: -30, max: -18, usual: -20.6 },
  { unit: 'Walk-in room', device: 'walk-in', temperatureClass: 'chilled', min: -1, max: 5, usual: 2.1 },
];

export const LAYOUT_DEVICES = [
  ...SHELVES.map(shelf => ({
    device: `shelf-${shelf.toLowerCase()}`,
    profile: 'aisle-shelf',
    model: 'Aisle load-cell shelf',
    kind: 'shelf',
    protocol: 'mqtt',
    boundTo: `fixture ${shelf[0]}`,
  })),
  ...LABELS.map(facing => ({
    device: `label-${facing.toLowerCase()}`,
    profile: 'aisle-label',
    model: 'Aisle shelf label',
    kind: 'label',
    protocol: 'mqtt',
    boundTo: `facing ${facing}`,
  })),
  ...LAYOUT_COLD.map(({ unit, device }) => ({
    device,
    profile: device === 'walk-in' ? 'walk-in-room' : 'danfoss-ekc-202d',
    model: device === 'walk-in' ? 'Aisle walk-in room' : 'Danfoss EKC 202D',
    kind: 'refrigeration',
    protocol: device === 'walk-in' ? 'opcua' : 'modbus',
    boundTo: unit,
  })),
  ...['door-main', 'door-side'].map(device => ({
    device,
    profile: 'milesight-vs121',
    model: 'Milesight VS121',
    kind: 'footfall',
    protocol: 'mqtt',
    boundTo: device === 'door-main' ? 'Main door' : 'Side door',
  })),
  {
    device: 'till-1',
    profile: 'aisle-till',
    model: 'Aisle till',
    kind: 'till',
    protocol: 'mqtt',
    boundTo: 'till-1',
  },
];
