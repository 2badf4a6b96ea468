import { join } from 'node:path';
import Value from 'typebox/value';
import { resolveDevices } from './devices.ts';
import { deepFreeze } from './freeze.ts';
import { loadItems } from './items.ts';
import { checkListen } from './listen-checks.ts';
import { type LoadedProfiles, loadProfiles, profileId } from './load-profiles.ts';
import { type KnownDevices, loadPlanogram } from './planogram.ts';
import { type Problem, sortProblems } from './problems.ts';
import type { Site, SiteDevice } from './site.ts';
import { type CheckedSiteFile, checkSiteFile } from './site-draft.ts';
import { SiteFile } from './site-schema.ts';
import { checkStore } from './store-identity.ts';
import { type ReportAt, readYamlFile } from './yaml-file.ts';

export interface LoadedSite {
  /** null when there is any problem. */
  readonly site: Site | null;
  readonly problems: readonly Problem[];
}

/**
 * Reads `site.yaml`, `items.csv` and `planogram.csv` of a folder and the profiles that its devices
 * name, and reports every problem at once. Never throws for what stands in the files; the site is
 * deeply frozen.
 */
export function loadSite(siteFolder: string, profilesFolder: string): LoadedSite {
  const { value } = readYamlFile(join(siteFolder, 'site.yaml'));
  return loadSiteWith(siteFolder, loadProfiles(profilesFolder, profilesNamedIn(value)));
}

/** The same with profiles that are already loaded. Mistakes in profiles that no device names do not count. */
export function loadSiteWith(siteFolder: string, library: LoadedProfiles): LoadedSite {
  const yaml = readYamlFile(join(siteFolder, 'site.yaml'));
  const problems: Problem[] = [...yaml.problems];
  const report: ReportAt = (path, part, what, mend) => {
    problems.push({ file: yaml.file, ...yaml.locate(path, part), what, mend });
  };
  const file = yaml.readable ? checkSiteFile(yaml.value, library) : null;
  for (const { path, part, what, mend } of file?.problems ?? []) report(path, part, what, mend);
  const gln = file && checkStore(file.draft, report).gln;
  if (file) checkListen(file.draft, report);
  const devices = file ? resolveDevices(file, library, report) : new Map<string, SiteDevice>();
  problems.push(...profileProblems(file, library));

  const items = loadItems(siteFolder, currencyOf(file));
  const planogram = loadPlanogram(siteFolder, items, file && knownDevices(file, library));
  problems.push(...items.problems, ...planogram.problems);
  if (problems.length > 0 || !Value.Check(SiteFile, file?.draft) || !gln) {
    return { site: null, problems: sortProblems(problems) };
  }
  const { store, listen, mqtt, cloud, policies } = file.draft;
  const site: Site = {
    folder: siteFolder,
    store: { ...store, gln },
    listen,
    mqtt,
    cloud: cloud ?? null,
    policies,
    devices,
    items: items.items,
    facings: planogram.facings,
  };
  return { site: deepFreeze(site), problems: [] };
}

/** A site needs a few models of the library, and the library grows. */
function profilesNamedIn(file: unknown): ReadonlySet<unknown> {
  const devices = (file as { devices?: unknown } | null)?.devices;
  const list: unknown[] = Array.isArray(devices) ? devices : [];
  return new Set(list.map(entry => (entry as { profile?: unknown } | null)?.profile));
}

/** Prices are read in the store's currency; in euros while that is itself a mistake. */
function currencyOf(file: CheckedSiteFile | null): string {
  return file?.draft.store?.currency ?? 'EUR';
}

function knownDevices(file: CheckedSiteFile, library: LoadedProfiles): KnownDevices {
  const known = new Map<string, string | null>();
  for (const { id, profile } of file.draft.devices ?? []) {
    if (id !== undefined && !known.has(id)) known.set(id, library.profiles.get(profile ?? '')?.kind ?? null);
  }
  return known;
}

function profileProblems(file: CheckedSiteFile | null, library: LoadedProfiles): readonly Problem[] {
  const named = new Set(file?.draft.devices?.map(entry => entry.profile));
  return library.problems.filter(({ file }) => file === library.folder || named.has(profileId(file)));
}
