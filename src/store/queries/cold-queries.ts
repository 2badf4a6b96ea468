import type { Database } from '../database.ts';
import type {
  ColdAlarmView,
  ColdUnitView,
  LiveSource,
  Queries,
  TemperatureMinuteView,
  ValueView,
} from '../views.ts';

/** What a unit's temperature is, best first: the air that its controller shows, else what is inside. */
const TEMPERATURE_POINTS = ['air_temperature', 'product_temperature', 'evaporator_temperature'] as const;

type UnitRow = Pick<ColdUnitView, 'unit' | 'device' | 'temperatureClass' | 'minCelsius' | 'maxCelsius'>;

/** Fridges and cold rooms: live values, open alarms, and the temperature of each minute. */
export function createColdQueries(
  { connection }: Database,
  live: LiveSource,
): Pick<Queries, 'coldUnits' | 'temperatures'> {
  const units = connection.prepare<[], UnitRow>(`
    SELECT unit, device, temperature_class AS temperatureClass, min_celsius AS minCelsius, max_celsius AS maxCelsius
    FROM site_cold_unit ORDER BY unit, device`);
  const alarms = connection.prepare<[string, string], ColdAlarmView>(`
    SELECT unit, alarm, since_ms AS sinceMs, celsius, limit_celsius AS limitCelsius
    FROM cold_alarm WHERE unit = ? AND device = ? ORDER BY since_ms, alarm`);
  const points = connection
    .prepare<[string, number], string>(
      'SELECT DISTINCT point FROM temperature_minute WHERE unit = ? AND minute_ms >= ?',
    )
    .pluck();
  const minutes = connection.prepare<[string, number, string], TemperatureMinuteView>(`
    SELECT minute_ms AS minuteMs, min(min_celsius) AS minCelsius,
      sum(mean_celsius * good_samples) / nullif(sum(good_samples), 0) AS meanCelsius,
      max(max_celsius) AS maxCelsius
    FROM temperature_minute WHERE unit = ? AND minute_ms >= ? AND point = ? GROUP BY minute_ms ORDER BY minute_ms`);
  return {
    coldUnits: () =>
      units.all().map(row => {
        const values = live.valuesOf(row.device);
        return {
          ...row,
          name: row.unit,
          temperature: temperatureOf(values),
          values,
          alarms: alarms.all(row.unit, row.device),
        };
      }),
    temperatures(unit, sinceMs) {
      const present = points.all(unit, sinceMs);
      const point = TEMPERATURE_POINTS.find(candidate => present.includes(candidate));
      return point ? minutes.all(unit, sinceMs, point) : [];
    },
  };
}

function temperatureOf(values: readonly ValueView[]): ValueView | null {
  for (const point of TEMPERATURE_POINTS) {
    const found = values.find(value => value.point === point);
    if (found) return found;
  }
  return null;
}
