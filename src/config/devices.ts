import { addressProtocol } from './address-protocol.ts';
import { checkBuses } from './bus-checks.ts';
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
  readonly file: CheckedSiteFile;
  readonly report: ReportAt;
}

const ADDRESS_KEYS = {
  modbus: 'host, port and unit',
  opcua: 'endpoint',
  mqtt: 'name',
  http: 'name',
} as const;

const BARE_PASSWORD = [
  'a password would cross the network in the clear',
  'add security: sign-and-encrypt beside it',
] as const;

const NO_TOKEN = ['an MQTT device shows no token', 'remove it; only devices that post have one'] as const;

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
    const entry: Entry = { draft, id: draft.id ?? `devices[${index}]`, path, file, report };
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
  checkBuses(file, devices, report);
  return devices;
}

function findProfile({ draft, path, report }: Entry, library: LoadedProfiles): DeviceProfile | null {
  if (draft.profile === undefined) return null;
  const profile = library.profiles.get(draft.profile);
  // A profile that exists but has mistakes reports them itself.
  if (profile || library.broken.has(draft.profile)) return profile ?? null;
  const known = [...library.files.keys()];
  const advice = adviseNearest(draft.profile, known, `write one of ${known.join(', ')}`);
  report([...path, 'profile'], 'value', `there is no profile ${show(draft.profile)}`, advice);
  return null;
}

function readAddress(entry: Entry, profile: DeviceProfile): Address | null {
  const { draft, id, path, file, report } = entry;
  const { protocol } = profile;
  const { address } = draft;
  const place: Path = [...path, 'address'];
  if (!file.sound(place)) return null;
  if (address === undefined) {
    if (protocol === 'mqtt' || protocol === 'http') return { protocol, name: id };
    report(path, 'key', `device ${id} has no address`, `add address with ${ADDRESS_KEYS[protocol]}`);
    return null;
  }
  if (protocol === 'modbus' && 'host' in address) return { protocol, ...address };
  if (protocol === 'modbus' && 'line' in address) return onLine(entry, profile, address);
  if (protocol === 'opcua' && 'endpoint' in address) {
    if (address.user && (address.security ?? 'none') === 'none')
      report([...place, 'user'], 'key', ...BARE_PASSWORD);
    return { protocol, ...address };
  }
  if (protocol === 'http' && 'name' in address) return { protocol, ...address };
  if (protocol === 'mqtt' && 'name' in address) {
    if (address.tokenFile !== undefined) report([...place, 'tokenFile'], 'key', ...NO_TOKEN);
    return { protocol, name: address.name };
  }
  const what = `this address is for ${addressProtocol(address)}, but the profile ${profile.id} speaks ${protocol}`;
  report(place, 'key', what, `write ${ADDRESS_KEYS[protocol]}`);
  return null;
}

/** A serial line must exist and run at a speed that the model can be set to. */
function onLine(
  { path, file, report }: Entry,
  profile: DeviceProfile,
  address: { readonly line: string; readonly unit: number },
): Address | null {
  const lines = file.draft.lines ?? {};
  const place: Path = [...path, 'address', 'line'];
  const line = Object.hasOwn(lines, address.line) ? lines[address.line] : undefined;
  if (!line) {
    const otherwise = 'add it to lines, with its port and baud';
    const advice = adviseNearest(address.line, Object.keys(lines), otherwise);
    report(place, 'value', `there is no line ${show(address.line)}`, advice);
    return null;
  }
  const { port, baud, parity, stop } = line;
  if (port === undefined || baud === undefined || parity === undefined || stop === undefined) return null;
  const speeds = profile.modbus?.serial?.baud ?? [baud];
  if (!speeds.includes(baud)) {
    const what = `the line ${address.line} runs at ${baud} baud, which ${profile.id} cannot`;
    report(place, 'value', what, `set the line and its devices to ${speeds.join(' or ')}`);
    return null;
  }
  return {
    protocol: 'modbus',
    line: { name: address.line, port, baud, parity, stop },
    unit: address.unit,
  };
}

function addressKey(address: Address, profile: DeviceProfile): string {
  if (address.protocol === 'modbus') {
    const bus = 'line' in address ? `line ${address.line.name}` : `${address.host}:${address.port}`;
    return `Modbus unit ${address.unit} at ${bus}`;
  }
  if (address.protocol === 'opcua') {
    return `${profile.id} at ${address.endpoint}${address.root === undefined ? '' : ` ${address.root}`}`;
  }
  return `the ${address.protocol === 'mqtt' ? 'MQTT' : 'HTTP'} name ${address.name}`;
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

function checkBinding({ draft, id, path, file, report }: Entry, { kind }: DeviceProfile): void {
  const cold = kind === 'refrigeration' || kind === 'climate';
  const needed = cold
    ? (['unit', 'temperatureClass'] as const)
    : kind === 'footfall'
      ? (['door'] as const)
      : [];
  const place: Path = [...path, 'bind'];
  const missing = needed.filter(key => draft.bind?.[key] === undefined && file.sound([...place, key]));
  if (missing.length === 0) return;
  const example = missing.map(
    key => `${key}: ${key === 'temperatureClass' ? 'chilled' : `<name of the ${key}>`}`,
  );
  const what = `device ${id} (${kind}) is not bound to a ${missing.join(' and a ')}`;
  report(place, 'key', what, `add bind: { ${example.join(', ')} }`);
}
