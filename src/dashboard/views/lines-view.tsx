import type { BusBudget, DeviceBudget } from '../../readings/bus-budget.ts';
import {
  byTrouble,
  isLate,
  isOverfull,
  lineMark,
  lineSentences,
  percent,
  seconds,
} from '../../readings/line-words.ts';
import { gateway } from '../data/gateway-client.ts';
import { DEVICE_MARK, DEVICE_WORDS } from '../model/device-words.ts';
import { useStore } from '../parts/context.tsx';
import { DeviceTabs } from '../parts/device-tabs.tsx';
import { Empty, Heading } from '../parts/empty.tsx';
import { State } from '../parts/mark.tsx';
import { useAsked } from '../parts/use-asked.ts';

const ASK_EVERY_MS = 5_000;
const MINUTE_MS = 60_000;
const LINE_WORDS = { ok: 'well', low: 'in trouble', out: 'lost', none: 'empty' } as const;
const TRANSPORTS = { tcp: 'Modbus TCP', 'rtu-tcp': 'RTU over TCP', serial: 'serial' } as const;

/** Each Modbus line: how full it is, who fills it, and what the silent cost it. */
export function LinesView() {
  const { now } = useStore();
  const { data, error } = useAsked(gateway.buses, String(Math.floor(now.value / ASK_EVERY_MS)));
  return (
    <>
      <Heading title="Devices">
        <DeviceTabs path="/devices/lines" />
      </Heading>
      {error && <p class="soft">{error}</p>}
      {data?.length === 0 && (
        <Empty title="No Modbus line">
          A line appears here with the first Modbus device in <code>site.yaml</code>.
        </Empty>
      )}
      <div class="lines">
        {data?.map(bus => (
          <Line bus={bus} key={bus.bus} />
        ))}
      </div>
    </>
  );
}

function Line({ bus }: { bus: BusBudget }) {
  const mark = lineMark(bus);
  const mostMs = Math.max(1, ...bus.devices.map(({ busyMsPerMinute }) => busyMsPerMinute));
  return (
    <section class="panel line">
      <h2>
        {bus.bus}
        <span class="soft line-kind">
          {TRANSPORTS[bus.transport]}
          {bus.baud !== null && `, ${bus.baud.toLocaleString('en')} baud`}
        </span>
        <State kind={mark} word={LINE_WORDS[mark]} />
      </h2>
      <p class="line-words">{lineSentences(bus).join(' ')}</p>
      <Budget bus={bus} />
      <div class="line-devices">
        {byTrouble(bus.devices).map(device => (
          <LineDevice device={device} mostMs={mostMs} key={device.device} />
        ))}
      </div>
    </section>
  );
}

/** The minute of the line as one bar: who used it, what was lost, what is free. */
function Budget({ bus }: { bus: BusBudget }) {
  const used = Math.max(0, bus.usedShare - bus.lostShare);
  const free = Math.max(0, 1 - bus.usedShare);
  const users = bus.devices.filter(
    ({ busyMsPerMinute, lostMsPerMinute }) => busyMsPerMinute > lostMsPerMinute,
  );
  return (
    <>
      <div class="budget" aria-hidden="true">
        {users.map(({ device, busyMsPerMinute, lostMsPerMinute }) => (
          <span
            class="budget-part"
            key={device}
            title={`${device}: ${percent((busyMsPerMinute - lostMsPerMinute) / MINUTE_MS)}`}
            style={{ width: `${((busyMsPerMinute - lostMsPerMinute) / MINUTE_MS) * 100}%` }}
          />
        ))}
        <span class="budget-lost" style={{ width: `${bus.lostShare * 100}%` }} />
      </div>
      <ul class="budget-figures">
        <li>
          <i class="budget-key" /> <b>{percent(used)}</b> reading
        </li>
        <li>
          <i class="budget-key budget-key-lost" /> <b>{percent(bus.lostShare)}</b> lost to time-outs
        </li>
        <li>
          <i class="budget-key budget-key-free" /> <b>{percent(free)}</b> free
        </li>
        <li class={isOverfull(bus) ? 'line-loud' : ''}>
          everything once in <b>{seconds(bus.reachableIntervalMs)}</b>
          {bus.wantedIntervalMs !== null && `, asked for every ${seconds(bus.wantedIntervalMs)}`}
        </li>
      </ul>
    </>
  );
}

function LineDevice({ device, mostMs }: { device: DeviceBudget; mostMs: number }) {
  const { state, roundTripMs, actualIntervalMs, wantedIntervalMs, nextProbeInMs, trouble } = device;
  const silent = state === 'offline';
  return (
    <div class="line-device">
      <span class="line-name">
        <b>{device.device}</b> <span class="soft">unit {device.unit}</span>
      </span>
      <State kind={DEVICE_MARK[state]} word={DEVICE_WORDS[state]} />
      <span class="line-share">
        <span class="bar" aria-hidden="true">
          <span
            class={silent ? 'bar-fill bar-lost' : 'bar-fill'}
            style={{ width: `${(device.busyMsPerMinute / mostMs) * 100}%` }}
          />
        </span>
        <span>{percent(device.busyMsPerMinute / MINUTE_MS)}</span>
      </span>
      <span class="soft line-trip">
        {roundTripMs
          ? `${Math.round(roundTripMs.p50)} ms, p95 ${Math.round(roundTripMs.p95)} ms`
          : 'no answer'}
      </span>
      <span class={isLate(device) ? 'line-loud' : 'soft'}>
        {silent
          ? nextProbeInMs !== null && `asked again in ${seconds(nextProbeInMs)}`
          : actualIntervalMs !== null && `every ${seconds(actualIntervalMs)}`}
        {!silent && isLate(device) && wantedIntervalMs !== null && `, wants ${seconds(wantedIntervalMs)}`}
      </span>
      {trouble && <span class="soft line-trouble">{trouble}</span>}
    </div>
  );
}
