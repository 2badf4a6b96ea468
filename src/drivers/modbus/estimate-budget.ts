import type { Site } from '../../config/site.ts';
import type { BusBudget, DeviceBudget } from '../../readings/bus-budget.ts';
import { characterMs, guardMs, type Line, lineOf } from './line.ts';
import { isModbus, type ModbusDevice } from './modbus-devices.ts';
import { DEFAULT_SETTINGS, type PollBlock, planPolls } from './poll-plan.ts';
import { answerBytes } from './request.ts';

const MINUTE_MS = 60_000;
const REQUEST_BYTES = 8;
// How long a controller thinks, and how long a network takes there and back, where nobody has measured it.
const THINKING_MS = 10;
const NETWORK_MS = 3;
// Behind a serial gateway the line's speed is not known; most run at 9,600.
const UNKNOWN_BAUD = 9_600;

/** What the lines of a site will have to carry, from its plans and speeds alone: nobody is asked. */
export function estimateBudgets(site: Pick<Site, 'devices'>): readonly BusBudget[] {
  const devices = [...site.devices.values()].filter(isModbus);
  const lines = Map.groupBy(devices, ({ address }) => lineOf(address).key);
  return [...lines.values()].map(sharers => estimateLine(lineOf(sharers[0]!.address), sharers));
}

function estimateLine(line: Line, sharers: readonly ModbusDevice[]): BusBudget {
  const estimates = sharers.map(device => estimateDevice(line, device));
  const usedMs = estimates.reduce((sum, { budget }) => sum + budget.busyMsPerMinute, 0);
  const wanted = estimates.flatMap(({ budget }) => budget.wantedIntervalMs ?? []);
  return {
    bus: line.key,
    transport: line.transport,
    baud: line.baud,
    basis: 'estimated',
    windowMs: MINUTE_MS,
    isConnected: null,
    usedShare: Math.round((usedMs / MINUTE_MS) * 1000) / 1000,
    lostShare: 0,
    reachableIntervalMs: Math.round(estimates.reduce((sum, { cycleMs }) => sum + cycleMs, 0)),
    wantedIntervalMs: wanted.length > 0 ? Math.min(...wanted) : null,
    devices: estimates.map(({ budget }) => budget),
  };
}

/** `cycleMs`: what reading its fastest group once costs the line. */
function estimateDevice(line: Line, { id, profile, address }: ModbusDevice) {
  const { limits } = profile.modbus ?? DEFAULT_SETTINGS;
  const groups = planPolls(profile).groups.map(({ everyMs, blocks }) => {
    const costs = blocks.map(block => requestMs(line, block, limits.interFrameMs));
    return { everyMs, requests: blocks.length, costMs: costs.reduce((sum, cost) => sum + cost, 0) };
  });
  const perMinute = (amount: (group: (typeof groups)[number]) => number) =>
    groups.reduce((sum, group) => sum + (amount(group) * MINUTE_MS) / group.everyMs, 0);
  const fastest = groups.toSorted((a, b) => a.everyMs - b.everyMs)[0];
  const requests = groups.reduce((sum, group) => sum + group.requests, 0);
  const meanMs = requests === 0 ? null : groups.reduce((sum, { costMs }) => sum + costMs, 0) / requests;
  const rounded = meanMs === null ? null : Math.round(meanMs * 10) / 10;
  const budget: DeviceBudget = {
    device: id,
    profile: profile.id,
    unit: address.unit,
    state: 'unknown',
    requests: Math.round(perMinute(group => group.requests)),
    timeouts: 0,
    exceptions: 0,
    dropped: 0,
    busyMsPerMinute: Math.round(perMinute(group => group.costMs)),
    lostMsPerMinute: 0,
    roundTripMs: rounded === null ? null : { p50: rounded, p95: rounded },
    timeoutMs: limits.timeoutMs,
    requestsPerCycle: requests,
    wantedIntervalMs: fastest?.everyMs ?? null,
    actualIntervalMs: null,
    nextProbeInMs: null,
    trouble: null,
  };
  return { budget, cycleMs: fastest?.costMs ?? 0 };
}

function requestMs(line: Line, block: PollBlock, interFrameMs: number): number {
  if (line.transport === 'tcp') return NETWORK_MS + THINKING_MS + interFrameMs;
  const baud = line.baud ?? UNKNOWN_BAUD;
  const onLineMs = (REQUEST_BYTES + answerBytes(block)) * characterMs(baud);
  const networkMs = line.transport === 'rtu-tcp' ? NETWORK_MS : 0;
  return onLineMs + THINKING_MS + networkMs + Math.max(guardMs(baud), interFrameMs);
}
