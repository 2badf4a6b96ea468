import { loadSite } from '../../src/config/load-site.ts';
import type { Facing, Item, Site } from '../../src/config/site.ts';

/** Loads a site that a test knows to be right. */
export function siteOf(folder: string): Site {
  const { site, problems } = loadSite(folder, 'devices');
  if (!site) throw new Error(`${folder}: ${JSON.stringify(problems)}`);
  return site;
}

export function firstItem(folder: string): Item {
  const [item] = siteOf(folder).items.values();
  if (!item) throw new Error(`${folder} has no items`);
  return item;
}

/** A facing whose item is counted by weight on one plate. */
export function platedFacing(site: Site): Facing & { readonly unitWeightGrams: number } {
  for (const facing of site.facings.values()) {
    const weight = site.items.get(facing.gtin)?.unitWeightGrams;
    if (facing.plates.length === 1 && weight) return { ...facing, unitWeightGrams: weight };
  }
  throw new Error('no facing with one plate');
}
