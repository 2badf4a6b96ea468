import type { ValueView } from '../../store/views.ts';

type Reason = Extract<ValueView['quality'], { reason: string }>['reason'];

const REASONS: Record<Reason, string> = {
  comms: 'does not answer',
  stale: 'no news for too long',
  range: 'outside what is possible',
  sentinel: 'no sensor connected',
  clock: 'its clock is wrong',
  format: 'cannot be read',
  device: 'reports a fault',
};

export const reasonWords = (reason: Reason): string => REASONS[reason];

const POINTS: Record<string, string> = {
  air_temperature: 'Air',
  product_temperature: 'Product',
  evaporator_temperature: 'Evaporator',
  setpoint: 'Setpoint',
  relative_humidity: 'Humidity',
  defrosting: 'Defrost',
  door_open: 'Door',
  cooling: 'Compressor',
  fan: 'Fan',
  controller_alarm: 'Controller alarm',
  sensor_fault: 'Sensor fault',
  people_in_total: 'People in, total',
  people_out_total: 'People out, total',
  battery: 'Battery',
  signal: 'Signal',
  presence: 'Presence',
};

/** The name of a point for people; unknown ones keep their own. */
export const pointWords = (point: string): string => POINTS[point] ?? point.replaceAll('_', ' ');

const UNITS: Record<string, string> = {
  ...{ Cel: ' °C', K: ' K', '%': ' %', hPa: ' hPa', dBm: ' dBm', g: ' g' },
  ...{ V: ' V', A: ' A', W: ' W', 'V.A': ' VA', var: ' var', Hz: ' Hz', 'kW.h': ' kWh' },
};
const YES_NO: Record<string, readonly [string, string]> = {
  door_open: ['open', 'shut'],
  cooling: ['on', 'off'],
  fan: ['on', 'off'],
  defrosting: ['under way', 'no'],
};

/** A value with its unit. A bad one says why and never shows a number as if it were live. */
export function valueWords(view: ValueView): string {
  if (view.value === null)
    return view.quality.level === 'good' ? 'nothing' : reasonWords(view.quality.reason);
  return plainValue(view.point, view.unit, view.value);
}

export function plainValue(point: string, unit: string, value: number | boolean | string): string {
  if (typeof value === 'boolean') return (YES_NO[point] ?? ['yes', 'no'])[value ? 0 : 1];
  return typeof value === 'number' ? `${value.toLocaleString('en')}${UNITS[unit] ?? ''}` : value;
}
