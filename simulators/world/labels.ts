import type { Site } from '../../src/config/site.ts';

/** What an electronic shelf label really shows. Prices in the currency's minor unit. */
export interface Shown {
  readonly gtin: string;
  readonly name: string;
  readonly price: string;
  readonly priceMinor: number;
  readonly currency: string;
}

export interface Label {
  readonly device: string;
  shown: Shown | null;
  redraws: number;
}

export function createLabels(site: Site): ReadonlyMap<string, Label> {
  const devices = [...site.devices.values()].filter(device => device.profile.kind === 'label');
  return new Map(devices.map(({ id }) => [id, { device: id, shown: null, redraws: 0 }] as const));
}
