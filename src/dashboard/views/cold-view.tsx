import type { ColdUnitView } from '../../store/views.ts';
import { gateway } from '../data/gateway-client.ts';
import { coldState, coldWords, liveCelsius, machineWords } from '../model/cold-state.ts';
import { degrees } from '../model/formats.ts';
import { Age } from '../parts/age.tsx';
import { useStore } from '../parts/context.tsx';
import { Empty, Heading } from '../parts/empty.tsx';
import { State } from '../parts/mark.tsx';
import { TemperaturePlot } from '../parts/temperature-plot.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { COLD_MARK, Missing, Scale } from './condition-strip.tsx';

const HOURS = 8;

/** Every fridge and cold room with its plot, its limits and what its machine is doing. */
export function ColdView() {
  const { cold } = useStore();
  return (
    <>
      <Heading title="Cold">
        <span class="soft">the last {HOURS} hours, limits dashed</span>
      </Heading>
      {cold.ids.value.length === 0 && (
        <Empty title="No fridge yet">
          Add a refrigeration device with <code>bind.unit</code> to <code>site.yaml</code>.
        </Empty>
      )}
      <div class="cold">
        {cold.all.value.map(unit => (
          <ColdUnit unit={unit} key={unit.unit} />
        ))}
      </div>
    </>
  );
}

function ColdUnit({ unit }: { unit: ColdUnitView }) {
  const { formats } = useStore();
  const state = coldState(unit);
  const celsius = liveCelsius(unit);
  return (
    <article class={`panel cold-unit card-${COLD_MARK[state]}`}>
      <div class="cold-figures">
        <h2>
          {unit.name} <State kind={COLD_MARK[state]} word={coldWords(unit)} />
        </h2>
        <p class="cold-now">
          {celsius === null ? (
            <Missing unit={unit} />
          ) : (
            <>
              <b>{degrees(celsius)}</b>
              <Age atMs={unit.temperature?.eventTimeMs ?? null} form="ago" />
            </>
          )}
        </p>
        <Scale unit={unit} />
        <p class="soft">
          {unit.temperatureClass}, {degrees(unit.minCelsius)} to {degrees(unit.maxCelsius)}
        </p>
        <ul class="words">
          {machineWords(unit).map(word => (
            <li class={word.loud ? 'word-loud' : ''} key={word.text}>
              {word.text}
            </li>
          ))}
        </ul>
        {unit.alarms.map(alarm => (
          <p class="alarm" key={alarm.alarm}>
            <State kind="out" word={alarm.alarm.replace('_', ' ')} /> since{' '}
            {formats.value.clock(alarm.sinceMs)}, <Age atMs={alarm.sinceMs} />
            {alarm.limitCelsius !== null && ` beyond ${degrees(alarm.limitCelsius)}`}
          </p>
        ))}
      </div>
      <History unit={unit} />
    </article>
  );
}

function History({ unit }: { unit: ColdUnitView }) {
  const { coldTurn, formats } = useStore();
  const ask = () => gateway.temperatures(unit.unit, HOURS * 60);
  const { data, error } = useAsked(ask, `${unit.unit} ${coldTurn.value}`);
  if (!data || data.length === 0) {
    return (
      <div class="plot plot-empty soft">
        {error ?? (data ? 'The first minute of temperatures is not over yet.' : 'Asking the gateway …')}
      </div>
    );
  }
  return (
    <TemperaturePlot
      minutes={data}
      minCelsius={unit.minCelsius}
      maxCelsius={unit.maxCelsius}
      formats={formats.value}
    />
  );
}
