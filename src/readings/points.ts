/**
 * The closed vocabulary of points: what a device can say, and in which unit (UCUM).
 * A profile maps its own registers, nodes or JSON paths to these keys; nothing else enters.
 */
export const POINTS = {
  // load cells
  weights: { unit: 'g', type: 'samples', about: 'net weight samples of all plates of one shelf' },
  // refrigeration and climate
  air_temperature: {
    unit: 'Cel',
    type: 'number',
    about: 'air temperature that the unit shows or controls by',
  },
  product_temperature: { unit: 'Cel', type: 'number', about: 'temperature of a product or a simulant' },
  evaporator_temperature: { unit: 'Cel', type: 'number', about: 'temperature at the evaporator' },
  setpoint: { unit: 'Cel', type: 'number', about: 'temperature setpoint in force' },
  relative_humidity: { unit: '%', type: 'number', about: 'relative humidity of the air' },
  defrosting: { unit: '1', type: 'boolean', about: 'a defrost is under way' },
  door_open: { unit: '1', type: 'boolean', about: 'the door stands open' },
  cooling: { unit: '1', type: 'boolean', about: 'compressor or cooling relay is on' },
  fan: { unit: '1', type: 'boolean', about: 'the fan runs' },
  controller_alarm: { unit: '1', type: 'boolean', about: "the controller's own alarm" },
  sensor_fault: { unit: '1', type: 'boolean', about: 'the controller reports a broken probe' },
  // people
  people_in_total: { unit: '1', type: 'counter', about: 'people in since the counter was last reset' },
  people_out_total: { unit: '1', type: 'counter', about: 'people out since the counter was last reset' },
  // the device itself
  battery: { unit: '%', type: 'number', about: 'remaining battery' },
  signal: { unit: 'dBm', type: 'number', about: 'received signal strength' },
  presence: { unit: '1', type: 'text', about: 'online or offline, from a last will or a birth message' },
  // business documents that a device may publish
  sale: { unit: '1', type: 'document', about: 'a sale with its till key' },
} as const satisfies Record<string, PointDefinition>;

export interface PointDefinition {
  readonly unit: string;
  readonly type: 'number' | 'boolean' | 'counter' | 'text' | 'samples' | 'document';
  readonly about: string;
}

export type PointKey = keyof typeof POINTS;

export const isPointKey = (text: string): text is PointKey => Object.hasOwn(POINTS, text);
