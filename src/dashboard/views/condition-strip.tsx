import type { ColdUnitView } from '../../store/views.ts';
import { gateway } from '../data/gateway-client.ts';
import {
  type ColdState,
  coldState,
  coldWords,
  liveCelsius,
  machineWords,
  missingWords,
  scaleShare,
} from '../model/cold-state.ts';
import { footfallDay } from '../model/footfall-day.ts';
import { degrees } from '../model/formats.ts';
import { Age } from '../parts/age.tsx';
import { useStore } from '../parts/context.tsx';
import { type MarkKind, State } from '../parts/mark.tsx';
import { useAsked } from '../parts/use-asked.ts';

export const COLD_MARK: Record<ColdState, MarkKind> = {
  alarm: 'out',
  warm: 'low',
  cold: 'low',
  ok: 'ok',
  'no data': 'none',
};

/** Fridges and doors in one row, the same height whatever they say. */
export function ConditionStrip() {
  const { cold } = useStore();
  return (
    <section class="strip" aria-label="Fridges and doors">
      {cold.all.value.map(unit => (
        <ColdCard unit={unit} key={unit.unit} />
      ))}
      <DoorCard />
    </section>
  );
}

function ColdCard({ unit }: { unit: ColdUnitView }) {
  const state = coldState(unit);
  const celsius = liveCelsius(unit);
  const words = machineWords(unit);
  return (
    <a class={`card card-${COLD_MARK[state]}`} href="/cold">
      <span class="card-head">
        <span class="card-name">{unit.name}</span>
        <State kind={COLD_MARK[state]} word={coldWords(unit)} />
      </span>
      <span class="card-figure">
        {celsius === null ? <Missing unit={unit} /> : <b>{degrees(celsius)}</b>}
        {celsius !== null && <Age atMs={unit.temperature?.eventTimeMs ?? null} />}
      </span>
      <Scale unit={unit} />
      <span class="card-foot">{words.map(word => word.text).join(' · ') || 'no other values'}</span>
    </a>
  );
}

/** In place of a number when there is none to trust. */
export function Missing({ unit }: { unit: ColdUnitView }) {
  const { now } = useStore();
  const { why, last } = missingWords(unit, now.value);
  return (
    <span class="missing">
      <span>{why}</span>
      <small>{last}</small>
    </span>
  );
}

/** Where the temperature stands between its limits. */
export function Scale({ unit }: { unit: ColdUnitView }) {
  const celsius = liveCelsius(unit);
  const percent = (value: number) => `${scaleShare(unit, value) * 100}%`;
  const low = percent(unit.minCelsius);
  return (
    <span class="scale" aria-hidden="true">
      <span
        class="scale-band"
        style={{ left: low, right: `${100 - scaleShare(unit, unit.maxCelsius) * 100}%` }}
      />
      {celsius !== null && <span class="scale-now" style={{ left: percent(celsius) }} />}
    </span>
  );
}

function DoorCard() {
  const { footfallTurn, now, formats, devices } = useStore();
  const minute = Math.floor(now.value / 60_000);
  const { data } = useAsked(gateway.footfall, `${footfallTurn.value} ${minute}`);
  const doors = devices.all.value.filter(device => device.kind === 'footfall');
  const silent = doors.filter(door => door.state === 'offline');
  const day = footfallDay(data ?? [], now.value, formats.value);
  return (
    <a class="card" href="/footfall">
      <span class="card-head">
        <span class="card-name">Doors</span>
        {doors.length > 0 && silent.length === 0 && <State kind="ok" word={`${doors.length} counting`} />}
        {silent.length > 0 && <State kind="none" word={`${silent.length} silent`} />}
      </span>
      <span class="card-figure">
        <b>{data ? day.inside : '–'}</b>
        <span class="card-unit">inside, about</span>
      </span>
      <span class="sparks" aria-hidden="true">
        {day.hours.map(hour => (
          <span
            class="spark"
            key={hour.hour}
            style={{ height: `${(hour.in / Math.max(1, ...day.hours.map(each => each.in))) * 100}%` }}
          />
        ))}
      </span>
      <span class="card-foot">
        {day.in} in · {day.out} out today
      </span>
    </a>
  );
}
