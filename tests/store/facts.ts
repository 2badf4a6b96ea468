import type { Gtin } from '../../src/shared/gtin.ts';
import type { Fact } from '../../src/store/fact.ts';

export const MILK = '09521321000018' as Gtin;
export const TEA = '09521321000025' as Gtin;

type Of<T extends Fact['type']> = Extract<Fact, { type: T }>;

export const movement = (
  from: Of<'movement'>['from'],
  to: Of<'movement'>['to'],
  quantity = 1,
  gtin = MILK,
): Fact => ({
  type: 'movement',
  gtin,
  from,
  to,
  quantity,
  cause: 'delivery',
  confidence: 1,
  evidence: { kind: 'document', key: 'd-1' },
});

export const reservation = (more: Partial<Of<'reservation'>> = {}): Fact => ({
  type: 'reservation',
  key: 'r-1',
  reservation: 'order-1',
  state: 'pending',
  lines: [{ gtin: MILK, quantity: 2 }],
  expiresAtMs: null,
  reason: null,
  ...more,
});

export const lease = (more: Partial<Of<'lease'>> = {}): Fact => ({
  type: 'lease',
  key: 'l-1',
  lease: 'lease-1',
  state: 'active',
  gtin: MILK,
  granted: 3,
  sold: 0,
  expiresAtMs: 60_000,
  ...more,
});

export const label = (more: Partial<Of<'label'>> = {}): Fact => ({
  type: 'label',
  label: 'label-a1-1',
  facing: 'A1-1',
  gtin: MILK,
  priceMinor: 199,
  currency: 'EUR',
  name: 'Milk',
  state: 'requested',
  commandId: 'c-1',
  detail: null,
  ...more,
});

export const price = (priceMinor: number, gtin = MILK): Fact => ({
  type: 'price',
  gtin,
  priceMinor,
  currency: 'EUR',
  version: 'v1',
});

export const deviceState = (more: Partial<Of<'device'>> = {}): Fact => ({
  type: 'device',
  device: 'shelf-a1',
  state: 'online',
  reason: null,
  ...more,
});

export const temperature = (more: Partial<Of<'temperature'>> = {}): Fact => ({
  type: 'temperature',
  unit: 'Dairy case',
  device: 'dairy-case',
  point: 'air_temperature',
  minuteMs: 0,
  goodSamples: 10,
  badSamples: 0,
  minCelsius: 2,
  meanCelsius: 3,
  maxCelsius: 4,
  ...more,
});

export const coldAlarm = (more: Partial<Of<'cold_alarm'>> = {}): Fact => ({
  type: 'cold_alarm',
  unit: 'Dairy case',
  device: 'dairy-case',
  alarm: 'too_warm',
  state: 'raised',
  sinceMs: 1_000,
  celsius: 8.5,
  limitCelsius: 5,
  reason: null,
  ...more,
});

export const footfall = (minuteMs: number, into: number, out: number, door = 'Main door'): Fact => ({
  type: 'footfall',
  door,
  device: 'door-main',
  minuteMs,
  in: into,
  out,
  rawIn: null,
  rawOut: null,
  suspect: false,
});
