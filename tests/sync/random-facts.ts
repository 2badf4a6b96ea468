import type { Fact } from '../../src/store/outbox.ts';
import { gtinOf, pick } from '../cloud/facts.ts';
import { STARTS_MS } from './virtual-time.ts';

const ITEMS = [1, 2, 3].map(gtinOf);
const PLACES = ['backroom', 'shelf:A1-1', 'shelf:A1-2', 'cart', 'customer', 'supplier'] as const;
const MINUTE_MS = 60_000;

/** Facts of every class that the rules for a full store know: kept for ever, put together, given up. */
export function factsOf(random: () => number): () => Fact {
  const one = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
  const units = () => 1 + Math.floor(random() * 9);
  // Minutes pass faster than the history does, so that whole spans of them come together.
  let minuteMs = STARTS_MS;
  const nextMinute = () => {
    minuteMs += Math.floor(random() * 6) * MINUTE_MS;
    return minuteMs;
  };
  const movement = (): Fact => {
    const from = one(PLACES);
    const to = one(PLACES.filter(place => place !== from));
    // Once in a while something that no receiver can ever use.
    return pick({ gtin: one(ITEMS), from, to, quantity: random() < 0.01 ? 0 : units() });
  };
  const people = (): Fact => {
    const door = one(['d1', 'd2']);
    const seen = { in: units(), out: units(), rawIn: null, rawOut: null, suspect: random() < 0.1 };
    return { type: 'footfall', door, device: door, minuteMs: nextMinute(), ...seen };
  };
  const degrees = (): Fact => {
    const meanCelsius = Math.round(random() * 100) / 10;
    const range = { minCelsius: meanCelsius - 1, meanCelsius, maxCelsius: meanCelsius + 1 };
    const samples = { goodSamples: units(), badSamples: units() };
    const minute = { unit: 'case', device: 'c1', point: 'air_temperature', minuteMs: nextMinute() };
    return { type: 'temperature', ...minute, ...samples, ...range };
  };
  const device = (): Fact => ({
    type: 'device',
    device: one(['d1', 'd2', 'c1']),
    state: 'online',
    reason: null,
  });
  return () => {
    const kind = random();
    if (kind < 0.4) return movement();
    if (kind < 0.65) return people();
    return kind < 0.85 ? degrees() : device();
  };
}
