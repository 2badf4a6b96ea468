import { addressProtocol } from './address-protocol.ts';
import type { LoadedProfiles } from './load-profiles.ts';
import { adviseNearest } from './nearest.ts';
import { show } from './problems.ts';
import type { DeviceProfile } from './profile-schema.ts';
import type { SiteDevice } from './site.ts';
import type { CheckedSiteFile, DeviceDraft } from './site-draft.ts';
import type { Path, ReportAt } from './yaml-file.ts';

type Address = SiteDevice['address'];

/** One device entry under check. Values that the schema refused are absent from the draft. */
interface Entry {
  readonly draft: DeviceDraft;
  readonly id: string;
  readonly path: Path;
  readonly sound: CheckedSiteFile['sound'];
  readonly report: ReportAt;
}

const ADDRESS_KEYS = { modbus: 'host, port and unit', opcua: 'endpoint', mqtt: 'name' } as const;

const BARE_PASSWORD = [
  'a password would cross the network in the clear',
  'add security: sign-and-encrypt beside it',
] as const;

/** Resolves the devices of a site file; what is wrong with one does not hide what is wrong with another. */
export function resolveDevices(
  file: CheckedSiteFile,
  library: LoadedProfiles,
  report: ReportAt,
): ReadonlyMap<string, SiteDevice> {
  const devices = new Map<string, SiteDevice>();
  const taken = new Map([['the MQTT name store', 'Aisle itself']]);
  for (const [index, draft] of (file.draft.devices ?? []).entries()) {
    const path: Path = ['devices', index];
    const entry: Entry = { draft, id: draft.id ?? `devices[${index}]`, path, sound: file.sound, report };
    if (!claim(taken, `the id ${entry.id}`, entry, 'id')) continue;
    if (draft.bind?.unit !== undefined) {
      claim(taken, `the unit ${show(draft.bind.unit)}`, entry, 'bind', 'unit');
    }
    const profile = findProfile(entry, library);
    if (!profile) continue;
    checkBinding(entry, profile);
    const address = readAddress(entry, profile);
    if (!address || !claim(taken, addressKey(address, profile), entry, 'address')) continue;
    devices.set(entry.id, { id: entry.id, profile, address, bind: draft.bind ?? {} });
  }
  return devices;
}

function findProfile({ draft, path, report }: Entry, library: LoadedProfiles): DeviceProfile | null {
  if (draft.profile === undefined) return null;
  const profile = library.profiles.get(draft.profile);
  // A profile that exists but has mistakes reports them itself.
  if (profile || library.broken.has(draft.profile)) return profile ?? null;
  const known = [...library.profiles.keys(), ...library.broken];
  const advice = adviseNearest(draft.profile, known, `write one of ${known.join(', ')}`);
  report([...path, 'profile'], 'value', `there is no profile ${show(draft.profile)}`, advice);
  return null;
}

function readAddress({ draft, id, path, sound, report }: Entry, profile: DeviceProfile): Address | null {
  const { protocol } = profile;
  const { address } = draft;
  const place: Path = [...path, 'address'];
  if (!sound(place)) return null;
  if (address === undefined) {
    if (protocol === 'mqtt') return { protocol, name: id };
    report(path, 'key', `device ${id} has no address`, `add address with ${ADDRESS_KEYS[protocol]}`);
    return null;
  }
  if (protocol === 'modbus' && 'unit' in address) return { protocol, ...address };
  if (protocol === 'opcua' && 'endpoint' in address) {
    if (address.user && (address.security ?? 'none') === 'none')
      report([...place, 'user'], 'key', ...BARE_PASSWORD);
    return { protocol, ...address };
  }
  if (protocol === 'mqtt' && 'name' in address) return { protocol, ...address };
  const what = `this address is for ${addressProtocol(address)}, but the profile ${profile.id} speaks ${protocol}`;
  report(place, 'key', what, `write ${ADDRESS_KEYS[protocol]}`);
  return null;
}

function addressKey(address: Address, profile: DeviceProfile): string {
  if (address.protocol === 'modbus') return `Modbus unit ${address.unit} at ${address.host}:${address.port}`;
  if (address.protocol === 'mqtt') return `the MQTT name ${address.name}`;
  return `${profile.id} at ${address.endpoint}${address.root === undefined ? '' : ` ${address.root}`}`;
}

/** Gives something that only one device may have to its first asker; false after a report. */
function claim(
  taken: Map<string, string>,
  key: string,
  { path, report, id }: Entry,
  ...steps: string[]
): boolean {
  const owner = taken.get(key);
  if (owner === undefined) taken.set(key, `device ${id}`);
  else report([...path, ...steps], 'value', `${key} is already used by ${owner}`, 'give each device its own');
  return owner === undefined;
}

function checkBinding({ draft, id, path, sound, report }: Entry, { kind }: DeviceProfile): void {
  const cold = kind === 'refrigeration' || kind === 'climate';
  const needed = cold
    ? (['unit', 'temperatureClass'] as const)
    : kind === 'footfall'
      ? (['door'] as const)
      : [];
  const place: Path = [...path, 'bind'];
  const missing = needed.filter(key => draft.bind?.[key] === undefined && sound([...place, key]));
  if (missing.length === 0) return;
  const example = missing.map(
    key => `${key}: ${key === 'temperatureClass' ? 'chilled' : `<name of the ${key}>`}`,
  );
  const what = `device ${id} (${kind}) is not bound to a ${missing.join(' and a ')}`;
  report(place, 'key', what, `add bind: { ${example.join(', ')} }`);
}
