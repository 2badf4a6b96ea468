import type { FieldTools } from '../../src/api/deps.ts';
import type { BusBudget, DeviceBudget } from '../../src/readings/bus-budget.ts';
import type { Stranger } from '../../src/readings/discovery.ts';
import { fail, ok } from '../../src/shared/result.ts';

/** A serial line of 32 controllers, ten of them dead, and a quick TCP gateway with two; one stranger on MQTT. */
export function demoField(nowMs: () => number): FieldTools {
  return {
    buses: () => [serialLine(), tcpGateway()],
    strangers: () => strangers(nowMs()),
    adopt: wanted =>
      wanted.id === 'dairy-case'
        ? fail('invalid', 'site.yaml:59:9: the id dairy-case is already used by device dairy-case')
        : ok({
            id: wanted.id,
            file: 'site.yaml',
            next: 'restart the gateway of demo; until then it runs as before',
          }),
  };
}

const living = (unit: number, share: number): DeviceBudget => ({
  device: `case-${String(unit).padStart(2, '0')}`,
  profile: 'danfoss-ekc-202d',
  unit,
  state: 'online',
  requests: 24,
  timeouts: 0,
  exceptions: 0,
  dropped: 0,
  busyMsPerMinute: 1_480 * share,
  lostMsPerMinute: 0,
  roundTripMs: { p50: 41, p95: 58 },
  timeoutMs: 180,
  requestsPerCycle: 4,
  wantedIntervalMs: 10_000,
  actualIntervalMs: 10_020,
  nextProbeInMs: null,
  trouble: null,
});

const dead = (unit: number): DeviceBudget => ({
  ...living(unit, 0),
  state: 'offline',
  requests: 1,
  timeouts: 1,
  busyMsPerMinute: 180,
  lostMsPerMinute: 180,
  roundTripMs: null,
  actualIntervalMs: null,
  nextProbeInMs: 47_000 + unit * 1_100,
  trouble: 'no answer within 180 ms to holding 2530, 6 registers',
});

function serialLine(): BusBudget {
  const devices = Array.from({ length: 32 }, (_, index) =>
    index % 3 === 1 && index < 30 ? dead(index + 1) : living(index + 1, index === 4 ? 2.4 : 1),
  );
  return {
    bus: 'cold-room-line',
    transport: 'serial',
    baud: 19_200,
    basis: 'measured',
    windowMs: 60_000,
    isConnected: true,
    ...shares(devices),
    reachableIntervalMs: 3_700,
    wantedIntervalMs: 10_000,
    devices,
  };
}

function tcpGateway(): BusBudget {
  const refused = 'exception 2 (illegal data address) at holding 2001, 4 registers';
  const devices: DeviceBudget[] = [
    { ...living(1, 0.4), device: 'dairy-case' },
    { ...living(2, 0.4), device: 'freezer-case', state: 'degraded', exceptions: 6, trouble: refused },
  ];
  return {
    bus: '127.0.0.1:5020',
    transport: 'tcp',
    baud: null,
    basis: 'measured',
    windowMs: 60_000,
    isConnected: true,
    ...shares(devices),
    reachableIntervalMs: 96,
    wantedIntervalMs: 10_000,
    devices,
  };
}

const shares = (devices: readonly DeviceBudget[]) => {
  const sum = (key: 'busyMsPerMinute' | 'lostMsPerMinute') =>
    devices.reduce((total, device) => total + device[key], 0) / 60_000;
  return { usedShare: sum('busyMsPerMinute'), lostShare: sum('lostMsPerMinute') };
};

const strangers = (nowMs: number): Stranger[] => [
  {
    protocol: 'mqtt',
    name: 'vs121-6417a',
    where: 'milesight/uplink/vs121-6417a',
    sample: '{"people_total_in":812,"people_total_out":799}',
    count: 41,
    firstSeenMs: nowMs - 2_400_000,
    lastSeenMs: nowMs - 12_000,
    suggestions: [
      {
        kind: 'footfall',
        profile: 'milesight-vs121',
        address: { name: 'vs121-6417a' },
        because: 'its topic and both of its points fit',
      },
    ],
  },
  {
    protocol: 'mqtt',
    name: 'printer-7',
    where: 'office/printer-7/status',
    sample: 'idle',
    count: 3,
    firstSeenMs: nowMs - 900_000,
    lastSeenMs: nowMs - 300_000,
    suggestions: [],
  },
];
