import { gateway } from '../data/gateway-client.ts';
import { type FootfallDay, footfallDay } from '../model/footfall-day.ts';
import { useStore } from '../parts/context.tsx';
import { Empty, Heading } from '../parts/empty.tsx';
import { State } from '../parts/mark.tsx';
import { useAsked } from '../parts/use-asked.ts';

/** People through the doors today, by the hour. Counters count; they know no person. */
export function FootfallView() {
  const { footfallTurn, now, formats, devices } = useStore();
  const minute = Math.floor(now.value / 60_000);
  const { data, error } = useAsked(gateway.footfall, `${footfallTurn.value} ${minute}`);
  const doors = devices.all.value.filter(device => device.kind === 'footfall');
  if (doors.length === 0) {
    return (
      <>
        <Heading title="Footfall" />
        <Empty title="No door counts people yet">
          Add a people counter with <code>bind.door</code> to <code>site.yaml</code>.
        </Empty>
      </>
    );
  }
  const day = footfallDay(data ?? [], now.value, formats.value);
  const silent = doors.filter(door => door.state === 'offline');
  return (
    <>
      <Heading title="Footfall">
        <span class="soft">today, {formats.value.day(now.value)}</span>
        {silent.map(door => (
          <State kind="none" word={`${door.boundTo || door.device} silent`} key={door.device} />
        ))}
      </Heading>
      {error && <p class="soft">Footfall cannot be read now: {error}.</p>}
      <div class="figures">
        <Figure value={day.inside} label="inside, about" />
        <Figure value={day.in} label="came in" />
        <Figure value={day.out} label="went out" />
        {day.doors.map(door => (
          <Figure value={door.in} label={`in by ${door.door}`} key={door.door} small />
        ))}
      </div>
      <section class="panel">
        <h2>By the hour</h2>
        <Hours day={day} nowHour={formats.value.hour(now.value)} />
      </section>
    </>
  );
}

function Figure({ value, label, small = false }: { value: number; label: string; small?: boolean }) {
  return (
    <p class={`panel figure ${small ? 'figure-small' : ''}`}>
      <b>{value}</b>
      <span class="soft">{label}</span>
    </p>
  );
}

// The rest of the height is for the number at the end of the bar.
const BAR_SHARE = 86;

/** In above the line, out below it, on one scale. */
function Hours({ day, nowHour }: { day: FootfallDay; nowHour: number }) {
  const most = Math.max(1, ...day.hours.flatMap(hour => [hour.in, hour.out]));
  return (
    <>
      <ol class="hours">
        {day.hours.map(hour => (
          <li
            class={`hour ${hour.hour === nowHour ? 'hour-now' : ''}`}
            key={hour.hour}
            aria-label={`${hour.hour} o'clock: ${hour.in} in, ${hour.out} out`}
          >
            <span class="hour-half">
              <span class="hour-value">{hour.in || ''}</span>
              <span class="hour-in" style={{ height: `${(hour.in / most) * BAR_SHARE}%` }} />
            </span>
            <span class="hour-half hour-lower">
              <span class="hour-out" style={{ height: `${(hour.out / most) * BAR_SHARE}%` }} />
              <span class="hour-value">{hour.out || ''}</span>
            </span>
            <span class="hour-name">{String(hour.hour).padStart(2, '0')}</span>
          </li>
        ))}
      </ol>
      <p class="legend soft">
        <span class="key key-in" /> in <span class="key key-out" /> out
      </p>
    </>
  );
}
