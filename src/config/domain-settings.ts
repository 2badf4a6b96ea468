import type { ColdUnitConfig } from '../domain/cold-chain/cold-unit.ts';
import type { CounterConfig } from '../domain/footfall/footfall.ts';
import type { LabelConfig } from '../domain/labels/labels.ts';
import type { Gtin } from '../shared/gtin.ts';
import { arePolicies, type SitePolicies, wholePolicies } from './policies.ts';
import type { Item, Site, SiteDevice } from './site.ts';

/** What each domain needs to know of a site, in the domain's own words. */
export function domainSettings(site: Site) {
  return {
    policies: {
      files: site.policies,
      whole: wholePolicies,
      isUsable: arePolicies,
      settingsOf: (policies: unknown) => {
        const { stock, coldChain, sync } = policies as SitePolicies;
        const { temperature = 1, footfall = 1 } = sync.summaryMinutes ?? {};
        return {
          safetyStock: stock.safetyStock,
          coldUnits: coldUnits(site, coldChain).map(unit => ({ ...unit, summaryMinutes: temperature })),
          footfallMinutes: footfall,
        };
      },
    },
    stock: {
      facings: [...site.facings.values()].map(({ id, gtin, plates }) => ({
        facing: id,
        gtin,
        plates,
        unitWeightGrams: site.items.get(gtin)?.unitWeightGrams ?? null,
        ...(site.items.get(gtin)?.soldBy === 'kg' && { byWeight: true }),
      })),
      gtins: [...site.items.keys()],
      byWeight: byWeight(site),
      thermometers: thermometers(site),
    },
    shelfWork: {
      timeZone: site.store.timeZone,
      items: [...site.items.values()].map(shelfWorkItem),
      facings: [...site.facings.values()].map(({ id, gtin, minimum }) => ({ facing: id, gtin, minimum })),
    },
    counters: counters(site),
    labels: labels(site),
    currency: site.store.currency,
    sitePrices: new Map<Gtin, number>([...site.items.values()].map(item => [item.gtin, item.priceMinor])),
  };
}

/** Of what is sold by weight every gram is a unit, and a piece weighs anything. */
const shelfWorkItem = ({ gtin, priceMinor, unitWeightGrams, soldBy }: Item) =>
  soldBy === 'kg'
    ? { gtin, priceMinor: priceMinor / 1000, unitWeightGrams: null, pieceGrams: unitWeightGrams ?? 1000 }
    : { gtin, priceMinor, unitWeightGrams };

/** Items that are sold by weight, and what a piece of each weighs as a rule. */
const byWeight = (site: Site): ReadonlyMap<Gtin, number> =>
  new Map(
    [...site.items.values()].flatMap(({ gtin, soldBy, unitWeightGrams }) =>
      soldBy === 'kg' && unitWeightGrams !== null ? [[gtin, unitWeightGrams] as const] : [],
    ),
  );

/** A shelf's own thermometer, or that of the fridge whose fixture it stands in. */
function thermometers(site: Site): ReadonlyMap<string, string> {
  const devices = [...site.devices.values()];
  const says = ({ profile }: SiteDevice, point: string) => profile.points.some(({ key }) => key === point);
  const found = new Map<string, string>();
  for (const shelf of devices.filter(device => says(device, 'weights'))) {
    const { fixture } = shelf.bind;
    const fridge = devices.find(({ bind }) => bind.unit && fixture && bind.fixture === fixture);
    const thermometer = says(shelf, 'air_temperature') ? shelf : fridge;
    if (thermometer) found.set(shelf.id, thermometer.id);
  }
  return found;
}

export type DomainSettings = ReturnType<typeof domainSettings>;

/** The site as rows for the database, so that queries can join names and places to what the log says. */
export function siteReference(site: Site) {
  return {
    safetyStock: site.policies.stock.safetyStock,
    currency: site.store.currency,
    items: [...site.items.values()].map(
      ({ gtin, name, temperatureClass, priceMinor, soldBy, unitWeightGrams }) => ({
        gtin,
        name,
        temperatureClass,
        priceMinor,
        pieceGrams: soldBy === 'kg' ? unitWeightGrams : null,
      }),
    ),
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

function coldUnits(site: Site, coldChain: SitePolicies['coldChain']): ColdUnitConfig[] {
  return coldDevices(site).map(({ device, unit, temperatureClass }) => {
    const { minCelsius, maxCelsius, alarmAfterMinutes } = coldChain[temperatureClass];
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
