import { useState } from 'preact/hooks';
import type { DeviceView, ValueView } from '../../store/views.ts';
import {
  DEVICE_KINDS,
  DEVICE_MARK,
  DEVICE_WORDS,
  type DeviceFilter,
  isWanted,
  vitalWords,
} from '../model/device-words.ts';
import { plainValue, pointWords, reasonWords, valueWords } from '../model/quality-words.ts';
import { Age } from '../parts/age.tsx';
import { useStore } from '../parts/context.tsx';
import { DeviceTabs } from '../parts/device-tabs.tsx';
import { Empty, Heading } from '../parts/empty.tsx';
import { State } from '../parts/mark.tsx';

const ORDER = Object.keys(DEVICE_KINDS);
const FILTERS: readonly (readonly [DeviceFilter, string])[] = [
  ['all', 'all'],
  ['trouble', 'in trouble'],
  ['unknown', 'not heard yet'],
];

/** Every device with its state and reason; open one to see what it says. */
export function DevicesView() {
  const { devices } = useStore();
  const [filter, setFilter] = useState<DeviceFilter>('all');
  const [search, setSearch] = useState('');
  const all = devices.all.value;
  const found = all.filter(device => isWanted(device, filter, search));
  const kinds = [...Map.groupBy(found, device => device.kind)].sort(
    ([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b),
  );
  return (
    <>
      <Heading title="Devices">
        <DeviceTabs path="/devices" />
        <input
          class="search"
          type="search"
          placeholder="Name, model or place"
          aria-label="Search devices"
          value={search}
          onInput={event => setSearch(event.currentTarget.value)}
        />
      </Heading>
      {all.length === 0 && (
        <Empty title="No device yet">
          Add devices to <code>site.yaml</code>, or start the simulated store with <code>npm start</code>.
        </Empty>
      )}
      {all.length > 0 && (
        <fieldset class="filters">
          <legend class="sr-only">Which devices</legend>
          {FILTERS.map(([value, name]) => (
            <button
              type="button"
              class="filter"
              aria-pressed={value === filter}
              key={value}
              onClick={() => setFilter(value)}
            >
              {name} <b>{all.filter(device => isWanted(device, value, '')).length}</b>
            </button>
          ))}
        </fieldset>
      )}
      {all.length > 0 && found.length === 0 && <p class="soft">No device is like that. Good.</p>}
      {kinds.map(([kind, list]) => (
        <section class="panel devices" key={kind}>
          <h2>{DEVICE_KINDS[kind] ?? kind}</h2>
          {list.map(device => (
            <DeviceRow device={device} key={device.device} />
          ))}
        </section>
      ))}
    </>
  );
}

function DeviceRow({ device }: { device: DeviceView }) {
  return (
    <details class="device">
      <summary>
        <span class="device-name">
          <b>{device.device}</b>
          <span class="soft">{device.boundTo}</span>
        </span>
        <span class="device-model soft">
          {device.model}, {device.protocol}
        </span>
        <span class="device-state">
          <State kind={DEVICE_MARK[device.state]} word={DEVICE_WORDS[device.state]} />
          {device.reason && <span class="soft">{reasonWords(device.reason)}</span>}
        </span>
        <span class="device-seen soft">
          <Age atMs={device.lastSeenMs} />
        </span>
      </summary>
      <div class="device-values">
        <Vitals device={device} />
        {device.values.length === 0 ? (
          <p class="soft">No value yet. This device speaks in {device.kind} events, or is silent.</p>
        ) : (
          <dl>
            {device.values.map(value => (
              <ValueLine value={value} key={value.point} />
            ))}
          </dl>
        )}
      </div>
    </details>
  );
}

/** How the device does: since when, how fast, how often not, and its latest trouble in words. */
function Vitals({ device }: { device: DeviceView }) {
  const words = vitalWords(device.vitals);
  const detail = device.vitals?.detail;
  return (
    <p class="device-vitals">
      {device.sinceMs !== null && (
        <span>
          {DEVICE_WORDS[device.state]} since <Age atMs={device.sinceMs} form="ago" />
        </span>
      )}
      {words.map(word => (
        <span key={word}>{word}</span>
      ))}
      <span class="soft">{device.profile}</span>
      {detail && <strong class="device-trouble">{detail}</strong>}
    </p>
  );
}

function ValueLine({ value }: { value: ValueView }) {
  const { quality } = value;
  const good = quality.level === 'good';
  return (
    <div class="value">
      <dt>{pointWords(value.point)}</dt>
      <dd class={good ? '' : 'value-bad'}>
        {valueWords(value)}
        {quality.level === 'uncertain' && `, uncertain: ${reasonWords(quality.reason)}`}
      </dd>
      <dd class="soft">
        {!good && value.lastGood ? (
          <>
            last good {plainValue(value.point, value.unit, value.lastGood.value)},{' '}
            <Age atMs={value.lastGood.eventTimeMs} form="ago" />
          </>
        ) : (
          <Age atMs={value.eventTimeMs} />
        )}
      </dd>
    </div>
  );
}
