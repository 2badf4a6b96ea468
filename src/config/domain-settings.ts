import type { ColdUnitConfig } from '../domain/cold-chain/cold-unit.ts';
import type { CounterConfig } from '../domain/footfall/footfall.ts';
import type { LabelConfig } from '../domain/labels/labels.ts';
import type { Gtin } from '../shared/gtin.ts';
import type { Site, SiteDevice } from './site.ts';

/** What each domain needs to know of a site, in the domain's own words. */
export function domainSettings(site: Site) {
  return {
    stock: {
      facings: [...site.facings.values()].map(({ id, gtin, plates }) => ({
        facing: id,
        gtin,
        plates,
        unitWeightGrams: site.items.get(gtin)?.unitWeightGrams ?? null,
      })),
      gtins: [...site.items.keys()],
      safetyStock: site.policies.stock.safetyStock,
    },
    shelfWork: {
      timeZone: site.store.timeZone,
      items: [...site.items.values()].map(({ gtin, priceMinor }) => ({ gtin, priceMinor })),
      facings: [...site.facings.values()].map(({ id, gtin, minimum }) => ({ facing: id, gtin, minimum })),
    },
    coldUnits: coldUnits(site),
    counters: counters(site),
    labels: labels(site),
    currency: site.store.currency,
    sitePrices: new Map<Gtin, number>([...site.items.values()].map(item => [item.gtin, item.priceMinor])),
  };
}

export type DomainSettings = ReturnType<typeof domainSettings>;

/** The site as rows for the database, so that queries can join names and places to what the log says. */
export function siteReference(site: Site) {
  return {
    safetyStock: site.policies.stock.safetyStock,
    currency: site.store.currency,
    items: [...site.items.values()].map(({ gtin, name, temperatureClass, priceMinor }) => ({
      gtin,
      name,
      temperatureClass,
      priceMinor,
    })),
    facings: [...site.facings.values()].map(({ id, plates, ...facing }) => ({
      ...facing,
      facing: id,
      device: plates[0]?.device ?? null,
    })),
    devices: [...site.devices.values()].map(({ id, profile, bind }) => ({
      device: id,
      profile: profile.id,
      model: `${profile.vendor} ${profile.models[0]}`,
      kind: profile.kind,
      protocol: profile.protocol,
      boundTo: bind.unit ?? bind.door ?? bind.till ?? bind.fixture ?? labelledFacing(site, id) ?? '',
    })),
    coldUnits: coldDevices(site).map(({ device, unit, temperatureClass }) => {
      const { minCelsius, maxCelsius } = site.policies.coldChain[temperatureClass];
      return { unit, device: device.id, temperatureClass, minCelsius, maxCelsius };
    }),
  };
}

const labelledFacing = (site: Site, label: string) =>
  [...site.facings.values()].find(facing => facing.label === label)?.id;

function coldDevices(site: Site) {
  return [...site.devices.values()].flatMap((device: SiteDevice) => {
    const { unit, temperatureClass } = device.bind;
    return unit && temperatureClass ? [{ device, unit, temperatureClass }] : [];
  });
}

function coldUnits(site: Site): ColdUnitConfig[] {
  return coldDevices(site).map(({ device, unit, temperatureClass }) => {
    const { minCelsius, maxCelsius, alarmAfterMinutes } = site.policies.coldChain[temperatureClass];
    return { unit, device: device.id, minCelsius, maxCelsius, alarmAfterMs: alarmAfterMinutes * 60_000 };
  });
}

const COUNTED = ['people_in_total', 'people_out_total', 'people_in', 'people_out'];

function counters(site: Site): CounterConfig[] {
  return [...site.devices.values()].flatMap(({ id, bind, profile }) => {
    const counted = profile.points.find(({ key }) => COUNTED.includes(key));
    return bind.door && counted ? [{ device: id, door: bind.door, wrapAt: counted.wrap ?? null }] : [];
  });
}

function labels(site: Site): LabelConfig[] {
  return [...site.facings.values()].flatMap(({ id, gtin, label }) => {
    const name = site.items.get(gtin)?.name;
    return label && name ? [{ label, facing: id, gtin, name }] : [];
  });
}
