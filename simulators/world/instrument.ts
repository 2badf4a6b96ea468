import type { SiteDevice } from '../../src/config/site.ts';
import type { Random } from './random.ts';

/** A measuring device that knows what it measures. Values by point key, in the vocabulary's units. */
export interface Instrument {
  /** Moves its world on by one second. */
  step(): void;
  /** Undefined for what it does not measure. */
  value(point: string): number | boolean | undefined;
}

/** The number that a profile gives a point to begin with, or ours. */
type Start = (point: string, otherwise: number) => number;

const ROOM_CELSIUS = 21;
const CHILLED_CELSIUS = 3.5;
const FROZEN_CELSIUS = -20.5;

function startCelsius({ bind }: SiteDevice): number {
  if (bind.temperatureClass === undefined) return ROOM_CELSIUS;
  return bind.temperatureClass === 'frozen' ? FROZEN_CELSIUS : CHILLED_CELSIUS;
}

/** Saturation vapour pressure in hPa over water (Magnus, WMO No. 8 with the coefficients of 2008). */
const saturation = (celsius: number) => 6.112 * Math.exp((17.62 * celsius) / (243.12 + celsius));

function dewPoint(celsius: number, humidity: number): number {
  const ratio = Math.log((humidity / 100) * (saturation(celsius) / 6.112));
  return (243.12 * ratio) / (17.62 - ratio);
}

/** Air that swings around a mean as a compressor does it to it, and slow weather. */
function createClimate(device: SiteDevice, start: Start, random: Random): Instrument {
  const mean = start('air_temperature', startCelsius(device));
  const periodS = random.uniform(600, 1500);
  const swing = 0.6;
  let seconds = random.uniform(0, periodS);
  let humidity = start('relative_humidity', mean < 10 ? 78 : 45);
  let pressure = start('air_pressure', 1009);
  const celsius = () => mean + swing * Math.sin((2 * Math.PI * seconds) / periodS);
  return {
    step() {
      seconds++;
      humidity += (start('relative_humidity', 60) - humidity) / 20_000 + random.normal(0, 0.02);
      humidity = Math.min(99, Math.max(5, humidity));
      pressure += random.normal(0, 0.01);
    },
    value(point) {
      switch (point) {
        case 'air_temperature':
          return celsius();
        case 'product_temperature':
        case 'auxiliary_temperature':
          return mean + 0.3;
        case 'relative_humidity':
          return humidity;
        case 'dew_point':
          return dewPoint(celsius(), humidity);
        case 'air_pressure':
          return pressure;
        default:
          return undefined;
      }
    },
  };
}

const COMPRESSOR_WATTS = 1450;
const PHASES = ['l1', 'l2', 'l3'] as const;
const POWER_FACTOR = 0.93;

/** A meter in front of a few compressors: each phase has its base load and one motor that comes and goes. */
function createMeter(start: Start, random: Random): Instrument {
  const phases = PHASES.map(() => ({
    baseWatts: random.uniform(150, 600),
    periodS: random.uniform(300, 1200),
    phaseS: random.uniform(0, 1200),
    volts: random.normal(231, 1.5),
  }));
  let seconds = 0;
  let imported = start('energy_imported', random.uniform(800, 20_000));
  const exported = start('energy_exported', 0);
  const watts = (i: number) => {
    const { baseWatts, periodS, phaseS } = phases[i]!;
    const runs = (seconds + phaseS) % periodS < periodS * 0.45;
    return baseWatts + (runs ? COMPRESSOR_WATTS : 0);
  };
  const total = () => PHASES.reduce((sum, _, i) => sum + watts(i), 0);
  const ofAll: Readonly<Record<string, () => number>> = {
    active_power: total,
    apparent_power: () => total() / POWER_FACTOR,
    reactive_power: () => total() * Math.tan(Math.acos(POWER_FACTOR)),
    power_factor: () => POWER_FACTOR,
    mains_frequency: () => 50 + 0.02 * Math.sin(seconds / 47),
    energy_imported: () => imported,
    energy_exported: () => exported,
    energy_total: () => imported + exported,
  };
  const ofPhase = (name: string, i: number) => {
    if (name === 'voltage') return phases[i]!.volts;
    if (name === 'current') return watts(i) / POWER_FACTOR / phases[i]!.volts;
    return name === 'active_power' ? watts(i) : undefined;
  };
  return {
    step() {
      seconds++;
      for (const phase of phases) phase.volts += (231 - phase.volts) / 60 + random.normal(0, 0.1);
      imported += total() / 3_600_000;
    },
    value(point) {
      const [, name, phase] = /^(.+)_(l[123])$/.exec(point) ?? [];
      if (name !== undefined) return ofPhase(name, PHASES.indexOf(phase as 'l1'));
      return ofAll[point]?.();
    },
  };
}

const SETTLE_S = 2;

/** A scale on which goods are put and taken; between two hands it rests. */
function createScale(start: Start, random: Random): Instrument {
  const tare = start('tare_weight', 250);
  let net = start('net_weight', 4_230);
  let untilChangeS = random.exponential(40);
  let settlingS = 0;
  const counts = () => 84_000 + (net + tare) * 107;
  const values: Readonly<Record<string, () => number | boolean>> = {
    gross_weight: () => net + tare,
    net_weight: () => net,
    tare_weight: () => tare,
    weight_stable: () => settlingS === 0,
    weight_zero: () => Math.abs(net + tare) < 1,
    overload: () => false,
    underload: () => false,
    scale_fault: () => false,
    raw_counts: () => Math.round(counts()),
    piece_count: () => Math.max(0, Math.round(net / 125)),
  };
  return {
    step() {
      settlingS = Math.max(0, settlingS - 1);
      untilChangeS--;
      if (untilChangeS > 0) return;
      net = random.chance(0.1) ? 0 : Math.round(Math.max(0, net + random.normal(0, 600)));
      untilChangeS = 5 + random.exponential(40);
      settlingS = SETTLE_S;
    },
    value: point => values[point]?.(),
  };
}

/** The instrument of a device's simulator model; null for models that live in the store's own world. */
export function createInstrument(device: SiteDevice, random: Random): Instrument | null {
  const { model, defaults } = device.profile.simulator;
  const start: Start = (point, otherwise) => {
    const given = defaults[point];
    return typeof given === 'number' ? given : otherwise;
  };
  switch (model) {
    case 'climate':
      return createClimate(device, start, random);
    case 'meter':
      return createMeter(start, random);
    case 'scale':
      return createScale(start, random);
    default:
      return null;
  }
}
