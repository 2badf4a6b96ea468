import { relative } from 'node:path';
import type { LoadedProfiles } from '../config/load-profiles.ts';
import type { DeviceProfile } from '../config/profile-schema.ts';
import { replayGolden } from '../drivers/golden.ts';
import { publishedKeys } from '../drivers/point-set.ts';

const BEGIN = '<!-- table of profiles: npm run generate -->';
const END = '<!-- end of table -->';

/** The library as a Markdown table: model, protocol, points, trust, source, golden frames. */
export function deviceTable({ folder, files, profiles }: LoadedProfiles): string {
  const rows = [...profiles.values()]
    .map(profile => ({ profile, place: relative(folder, files.get(profile.id) ?? '') }))
    .toSorted((a, b) => a.place.localeCompare(b.place))
    .map(({ profile, place }) => rowOf(profile, place));
  return [
    '| profile | model | protocol | points | trust | source | golden frames |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function rowOf(profile: DeviceProfile, place: string): string {
  const golden = replayGolden(profile);
  const passed = golden.filter(result => result.passed).length;
  const cells = [
    `[${profile.id}](${place})`,
    `${profile.vendor} ${profile.models.join(', ')}`,
    protocolOf(profile),
    publishedKeys(profile).length,
    [...new Set(profile.sources.map(({ trust }) => trust))].join(', '),
    profile.sources.map(({ title }) => title).join('; '),
    passed === golden.length ? `${passed} pass` : `${passed} of ${golden.length} pass`,
  ];
  return `| ${cells.map(cell => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
}

function protocolOf({ protocol, mqtt, http }: DeviceProfile): string {
  switch (protocol) {
    case 'modbus':
      return 'Modbus';
    case 'opcua':
      return 'OPC UA';
    case 'http':
      return `HTTP push, ${http?.decode ?? http?.payload ?? ''}`;
    case 'mqtt':
      return `MQTT, ${mqtt?.decode ?? mqtt?.payload ?? ''}`;
  }
}

/** The guide with its table made anew, and the number of profiles in words above it. */
export function withDeviceTable(guide: string, library: LoadedProfiles): string {
  const from = guide.indexOf(BEGIN);
  const to = guide.indexOf(END);
  if (from < 0 || to < from) throw new Error('devices/README.md has lost the marks of its table');
  const table = `${BEGIN}\n\n${library.profiles.size} profiles.\n\n${deviceTable(library)}\n\n`;
  return guide.slice(0, from) + table + guide.slice(to);
}
