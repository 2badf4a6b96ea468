import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProfiles } from '../config/load-profiles.ts';
import type { OpcuaAddress } from '../config/site.ts';
import { type FoundUnit, scanLine } from '../drivers/modbus/scan-line.ts';
import { type BrowsedServer, browseServer } from '../drivers/opcua/browse-server.ts';
import type { Stranger } from '../readings/discovery.ts';
import { createCounters } from '../shared/counters.ts';
import { packageRoot } from '../shared/package-root.ts';
import { askGateway } from './ask-gateway.ts';
import type { Environment } from './environment.ts';
import { readModbusAddress } from './modbus-address.ts';

interface Common extends Environment {
  readonly json: boolean;
}

const library = () => [...loadProfiles(join(packageRoot(), 'devices')).profiles.values()];

/**
 * Asks each named unit of a Modbus line who it is; reads only. A line that a gateway is reading must not be scanned
 * at the same time. Returns the exit code, 1 when nobody was found.
 */
export async function discoverModbus(
  at: string,
  units: readonly number[],
  timeoutMs: number,
  { json, print, clock, log, random }: Common,
): Promise<0 | 1> {
  const address = readModbusAddress(at, '--at');
  const onFound = (unit: FoundUnit) => {
    if (!json) print(unitLine(unit, at));
  };
  const options = { address, units, timeoutMs, profiles: library(), onFound };
  const found = await scanLine(options, { clock, log, random, counters: createCounters() });
  if (found === null)
    throw new Error(`there is no connection to ${at}; is it plugged in, and used by nobody else?`);
  if (json) print(JSON.stringify({ units: found }));
  else print(`${found.length} of ${units.length} units answered`);
  return found.length > 0 ? 0 : 1;
}

function unitLine({ unit, identification, candidates }: FoundUnit, at: string): string {
  const self = identification
    ? `says it is ${[identification.vendor, identification.product, identification.revision].filter(Boolean).join(' ')}`
    : 'answers';
  const [best] = candidates;
  const fits = candidates.map(({ profile, because }) => `\n    ${profile}: ${because}`).join('');
  const address = `${at.replace(/,?unit=\d+/, '')},unit=${unit}`;
  const next = best ? `\n    aisle device try ${best.profile} --at ${address}` : '';
  return `unit ${unit} ${self}${fits || '\n    no profile knows it; devices/README.md says how to write one'}${next}`;
}

/** Lists who publishes or posts to a running gateway and is no device of its site. */
export async function discoverStrangers(http: string, { json, print }: Common): Promise<0 | 1> {
  const strangers = await askGateway<readonly Stranger[]>(http, '/strangers');
  if (json) print(JSON.stringify({ strangers }));
  else {
    for (const { name, where, count, suggestions } of strangers) {
      print(`${name}  ${where}  ${count} ${count === 1 ? 'message' : 'messages'}`);
      for (const { profile, because } of suggestions) print(`    ${profile}: ${because}`);
    }
    print(`${strangers.length} unknown`);
  }
  return strangers.length > 0 ? 0 : 1;
}

/** Browses an OPC UA server without security; reads only. What asks for security tells at least what it offers. */
export async function discoverOpcua(address: OpcuaAddress, { json, print, log }: Common): Promise<0 | 1> {
  const pkiFolder = mkdtempSync(join(tmpdir(), 'aisle-discover-'));
  try {
    const profiles = library().filter(({ protocol }) => protocol === 'opcua');
    const server = await browseServer(address, profiles, { pkiFolder, log });
    if (json) print(JSON.stringify(server));
    else for (const line of serverLines(server)) print(line);
    return server.trouble === null ? 0 : 1;
  } finally {
    rmSync(pkiFolder, { recursive: true, force: true });
  }
}

function serverLines({ security, trouble, variables, isCut, candidates }: BrowsedServer): string[] {
  const offers = `security: ${[...new Set(security)].join('; ')}`;
  if (trouble !== null) return [offers, trouble];
  const width = Math.min(48, Math.max(4, ...variables.map(({ path }) => path.length)));
  return [
    offers,
    ...variables.map(({ path, node, value }) => `${path.padEnd(width)}  ${value.padEnd(12)}  ${node}`),
    `${variables.length} variables${isCut ? ', and more that are not shown' : ''}`,
    ...(candidates.length === 0 ? ['no profile fits; devices/README.md says how to write one'] : []),
    ...candidates.map(
      ({ profile, root, found, points }) =>
        `${profile} fits: ${found} of its ${points} points${root === null ? '' : `, with root "${root}"`}`,
    ),
  ];
}

/** `1-32,40` as a list. Throws a sentence for what is none. */
export function unitList(text: string): readonly number[] {
  const units = text.split(',').flatMap(part => {
    const [, first, last = first] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part.trim()) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === undefined || from < 1 || to > 247 || from > to) {
      throw new Error(`--units ${text}: give units from 1 to 247, such as 1-32,40`);
    }
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
  return [...new Set(units)];
}
