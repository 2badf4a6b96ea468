import type { DeviceView, ValueView } from '../../store/views.ts';
import { plainValue, pointWords, reasonWords, valueWords } from '../model/quality-words.ts';
import { Age } from '../parts/age.tsx';
import { useStore } from '../parts/context.tsx';
import { Empty, Heading } from '../parts/empty.tsx';
import { type MarkKind, State } from '../parts/mark.tsx';

const MARK: Record<DeviceView['state'], MarkKind> = {
  online: 'ok',
  degraded: 'low',
  offline: 'out',
  unknown: 'none',
};
const WORDS: Record<DeviceView['state'], string> = {
  online: 'online',
  degraded: 'degraded',
  offline: 'offline',
  unknown: 'not heard yet',
};
const KINDS: Record<string, string> = {
  shelf: 'Shelves',
  label: 'Labels',
  refrigeration: 'Cold',
  climate: 'Climate',
  energy: 'Energy',
  scale: 'Scales',
  footfall: 'Doors',
  till: 'Tills',
};

const ORDER = Object.keys(KINDS);

/** Every device with its state and reason; open one to see what it says. */
export function DevicesView() {
  const { devices } = useStore();
  const all = devices.all.value;
  const byKind = Map.groupBy(all, device => device.kind);
  const kinds = [...byKind].sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b));
  const well = all.filter(device => device.state === 'online').length;
  return (
    <>
      <Heading title="Devices">
        {all.length > 0 && (
          <span class="soft">
            {well} of {all.length} online
          </span>
        )}
      </Heading>
      {all.length === 0 && (
        <Empty title="No device yet">
          Add devices to <code>site.yaml</code>, or start the simulated store with <code>npm start</code>.
        </Empty>
      )}
      {kinds.map(([kind, list]) => (
        <section class="panel devices" key={kind}>
          <h2>{KINDS[kind] ?? kind}</h2>
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
          <State kind={MARK[device.state]} word={WORDS[device.state]} />
          {device.reason && <span class="soft">{reasonWords(device.reason)}</span>}
        </span>
        <span class="device-seen soft">
          <Age atMs={device.lastSeenMs} />
        </span>
      </summary>
      {device.values.length === 0 ? (
        <p class="soft device-values">
          No value yet. This device speaks in {device.kind} events, or is silent.
        </p>
      ) : (
        <dl class="device-values">
          {device.values.map(value => (
            <ValueLine value={value} key={value.point} />
          ))}
        </dl>
      )}
    </details>
  );
}

function ValueLine({ value }: { value: ValueView }) {
  const good = value.quality.level === 'good';
  return (
    <div class="value">
      <dt>{pointWords(value.point)}</dt>
      <dd class={good ? '' : 'value-bad'}>{valueWords(value)}</dd>
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
