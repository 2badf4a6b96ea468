/**
 * The closed vocabulary of points: what a device can say, and in which unit (UCUM).
 * A profile maps its own registers, nodes or JSON paths to these keys; nothing else enters.
 */
export const POINTS = {
  // load cells
  weights: { unit: 'g', type: 'samples', about: 'net weight samples of all plates of one shelf' },
  gross_weight: { unit: 'g', type: 'number', about: 'weight on the scale with its container' },
  net_weight: { unit: 'g', type: 'number', about: 'weight on the scale without its tare' },
  tare_weight: { unit: 'g', type: 'number', about: 'tare in force' },
  weight_stable: { unit: '1', type: 'boolean', about: 'the scale says that its weight is at rest' },
  weight_zero: { unit: '1', type: 'boolean', about: 'the scale is unloaded, within its zero zone' },
  overload: { unit: '1', type: 'boolean', about: 'more weight than the scale can bear or show' },
  underload: { unit: '1', type: 'boolean', about: 'less weight than the scale can show' },
  scale_fault: { unit: '1', type: 'boolean', about: 'a load cell or its converter is broken' },
  raw_counts: {
    unit: '1',
    type: 'number',
    about: 'counts of a load-cell converter without tare or calibration',
  },
  piece_count: { unit: '1', type: 'number', about: 'pieces on a counting scale' },
  // refrigeration and climate
  air_temperature: {
    unit: 'Cel',
    type: 'number',
    about: 'air temperature that the unit shows or controls by',
  },
  product_temperature: { unit: 'Cel', type: 'number', about: 'temperature of a product or a simulant' },
  evaporator_temperature: { unit: 'Cel', type: 'number', about: 'temperature at the evaporator' },
  air_on_temperature: { unit: 'Cel', type: 'number', about: 'air that returns to the evaporator (S3)' },
  air_off_temperature: { unit: 'Cel', type: 'number', about: 'air that leaves the evaporator (S4)' },
  alarm_temperature: {
    unit: 'Cel',
    type: 'number',
    about: "temperature that the controller's own alarm uses",
  },
  haccp_temperature: { unit: 'Cel', type: 'number', about: "temperature of the controller's HACCP log" },
  evaporating_temperature: { unit: 'Cel', type: 'number', about: 'saturation temperature in the evaporator' },
  condenser_temperature: { unit: 'Cel', type: 'number', about: 'temperature at the condenser' },
  auxiliary_temperature: { unit: 'Cel', type: 'number', about: 'a further probe without a fixed place' },
  setpoint: { unit: 'Cel', type: 'number', about: 'temperature setpoint in force' },
  superheat: { unit: 'K', type: 'number', about: 'superheat after the evaporator' },
  valve_opening: { unit: '%', type: 'number', about: 'opening of the expansion valve' },
  relative_humidity: { unit: '%', type: 'number', about: 'relative humidity of the air' },
  dew_point: { unit: 'Cel', type: 'number', about: 'dew point of the air' },
  air_pressure: { unit: 'hPa', type: 'number', about: 'atmospheric pressure' },
  control_state: { unit: '1', type: 'text', about: 'what the controller is doing, in its own words' },
  defrosting: { unit: '1', type: 'boolean', about: 'a defrost is under way' },
  defrost_relay: { unit: '1', type: 'boolean', about: 'the defrost heater or valve is on' },
  door_open: { unit: '1', type: 'boolean', about: 'the door stands open' },
  cooling: { unit: '1', type: 'boolean', about: 'compressor or cooling relay is on' },
  fan: { unit: '1', type: 'boolean', about: 'the fan runs' },
  light: { unit: '1', type: 'boolean', about: 'the light is on' },
  standby: { unit: '1', type: 'boolean', about: 'switched off on purpose; it does not cool' },
  night_mode: { unit: '1', type: 'boolean', about: 'the night or economy setpoint is in force' },
  cleaning: { unit: '1', type: 'boolean', about: 'the case is being cleaned' },
  controller_alarm: { unit: '1', type: 'boolean', about: "the controller's own alarm" },
  high_temperature_alarm: { unit: '1', type: 'boolean', about: "the controller's alarm: too warm" },
  low_temperature_alarm: { unit: '1', type: 'boolean', about: "the controller's alarm: too cold" },
  door_alarm: { unit: '1', type: 'boolean', about: "the controller's alarm: door open for too long" },
  defrost_alarm: {
    unit: '1',
    type: 'boolean',
    about: "the controller's alarm: a defrost did not end in time",
  },
  haccp_alarm: { unit: '1', type: 'boolean', about: "the controller's HACCP alarm" },
  sensor_fault: { unit: '1', type: 'boolean', about: 'the controller reports a broken probe' },
  // energy
  voltage_l1: { unit: 'V', type: 'number', about: 'voltage of phase 1 to neutral' },
  voltage_l2: { unit: 'V', type: 'number', about: 'voltage of phase 2 to neutral' },
  voltage_l3: { unit: 'V', type: 'number', about: 'voltage of phase 3 to neutral' },
  current_l1: { unit: 'A', type: 'number', about: 'current of phase 1' },
  current_l2: { unit: 'A', type: 'number', about: 'current of phase 2' },
  current_l3: { unit: 'A', type: 'number', about: 'current of phase 3' },
  active_power_l1: { unit: 'W', type: 'number', about: 'active power of phase 1' },
  active_power_l2: { unit: 'W', type: 'number', about: 'active power of phase 2' },
  active_power_l3: { unit: 'W', type: 'number', about: 'active power of phase 3' },
  active_power: { unit: 'W', type: 'number', about: 'active power, all phases; negative when exporting' },
  apparent_power: { unit: 'V.A', type: 'number', about: 'apparent power, all phases' },
  reactive_power: { unit: 'var', type: 'number', about: 'reactive power, all phases' },
  power_factor: { unit: '1', type: 'number', about: 'power factor, -1 to 1' },
  mains_frequency: { unit: 'Hz', type: 'number', about: 'mains frequency' },
  energy_imported: { unit: 'kW.h', type: 'number', about: 'energy drawn since the meter was made' },
  energy_exported: { unit: 'kW.h', type: 'number', about: 'energy fed back since the meter was made' },
  energy_total: { unit: 'kW.h', type: 'number', about: 'energy in both directions, as the meter adds it up' },
  // people
  people_in_total: { unit: '1', type: 'counter', about: 'people in since the counter was last reset' },
  people_out_total: { unit: '1', type: 'counter', about: 'people out since the counter was last reset' },
  people_in: { unit: '1', type: 'delta', about: 'people in within the interval of this one report' },
  people_out: { unit: '1', type: 'delta', about: 'people out within the interval of this one report' },
  occupancy: { unit: '1', type: 'number', about: 'people inside now, as the counter reckons' },
  // the device itself
  battery: { unit: '%', type: 'number', about: 'remaining battery' },
  battery_voltage: { unit: 'V', type: 'number', about: 'voltage of the battery' },
  battery_low: { unit: '1', type: 'boolean', about: 'the device says that its battery is nearly empty' },
  signal: { unit: 'dBm', type: 'number', about: 'received signal strength' },
  link_quality: { unit: '1', type: 'number', about: 'link quality, in the scale of the radio' },
  device_temperature: { unit: 'Cel', type: 'number', about: 'temperature inside the device' },
  firmware: { unit: '1', type: 'text', about: "the device's firmware version" },
  presence: { unit: '1', type: 'text', about: 'online or offline, from a last will or a birth message' },
  // business documents that a device may publish
  sale: { unit: '1', type: 'document', about: 'a sale with its till key' },
} as const satisfies Record<string, PointDefinition>;

export interface PointDefinition {
  readonly unit: string;
  /** `counter`: a total that only grows or starts again; `delta`: what came since the last report. */
  readonly type: 'number' | 'boolean' | 'counter' | 'delta' | 'text' | 'samples' | 'document';
  readonly about: string;
}

export type PointKey = keyof typeof POINTS;

export const isPointKey = (text: string): text is PointKey => Object.hasOwn(POINTS, text);
