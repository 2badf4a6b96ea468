import { estimateBudgets } from '../drivers/modbus/estimate-budget.ts';
import type { BusBudget, DeviceBudget } from '../readings/bus-budget.ts';
import { byTrouble, lineSentences, percent, seconds } from '../readings/line-words.ts';
import { askGateway } from './ask-gateway.ts';
import { loadSiteOrExplain } from './load-site-or-explain.ts';

export interface BusOptions {
  /** Address of a running gateway, such as http://127.0.0.1:8080; null estimates from the site's files. */
  readonly http: string | null;
  readonly json: boolean;
  readonly print: (line: string) => void;
}

const MINUTE_MS = 60_000;

/** Prints what each Modbus line of a site carries and who uses it. Throws one sentence when nobody can say. */
export async function showBuses(site: string, { http, json, print }: BusOptions): Promise<void> {
  const loaded = loadSiteOrExplain(site);
  const buses =
    http === null ? estimateBudgets(loaded) : await askGateway<readonly BusBudget[]>(http, '/buses');
  if (json) print(JSON.stringify({ buses }));
  else if (buses.length === 0) print('no Modbus line: none of the devices speaks Modbus');
  else for (const line of buses.flatMap(report)) print(line);
}

function report(bus: BusBudget): string[] {
  const { usedShare, lostShare, reachableIntervalMs, wantedIntervalMs, baud } = bus;
  const speed = baud === null ? '' : `, ${baud} baud`;
  const asked = wantedIntervalMs === null ? '' : `, asked for every ${seconds(wantedIntervalMs)}`;
  const estimated = bus.basis === 'estimated';
  const width = Math.max(6, ...bus.devices.map(({ device }) => device.length));
  return [
    `${bus.bus}: ${bus.transport}${speed}, ${bus.basis}`,
    `  ${percent(usedShare)} used${estimated ? '' : `, ${percent(lostShare)} of it lost to time-outs`}; everything once in ${seconds(reachableIntervalMs)}${asked}`,
    // Nobody was asked, so nobody is known to be silent.
    ...(estimated ? lineSentences(bus).slice(1) : lineSentences(bus)).map(sentence => `  ${sentence}`),
    ...byTrouble(bus.devices).map(device => `    ${deviceLine(device, width, estimated)}`),
  ];
}

function deviceLine(device: DeviceBudget, width: number, estimated: boolean): string {
  const { unit, state, busyMsPerMinute, requestsPerCycle, roundTripMs, actualIntervalMs, wantedIntervalMs } =
    device;
  const interval = actualIntervalMs ?? wantedIntervalMs;
  const cells = [
    device.device.padEnd(width),
    `unit ${unit}`.padEnd(8),
    ...(estimated ? [] : [state.padEnd(8)]),
    percent(busyMsPerMinute / MINUTE_MS).padStart(7),
    `${requestsPerCycle} ${requestsPerCycle === 1 ? 'request' : 'requests'}`,
    roundTripMs === null ? '' : `${Math.round(roundTripMs.p50)} ms`,
    interval === null || state === 'offline' ? '' : `every ${seconds(interval)}`,
    device.trouble ?? '',
  ];
  return cells.filter(cell => cell !== '').join('  ');
}
