import { describe, expect, it } from 'vitest';
import { createFaults } from '../../simulators/faults.ts';
import { startInstruments } from '../../simulators/instruments.ts';
import type { TrueSource } from '../../simulators/true-values.ts';
import { encodeMessage } from '../../simulators/wire/device-message.ts';
import { postKind, topicKinds } from '../../simulators/wire/message-kinds.ts';
import { rawOf } from '../../simulators/wire/raw-value.ts';
import { createRegisterMap, type Table } from '../../simulators/wire/register-map.ts';
import { createWorld } from '../../simulators/world/world.ts';
import { loadProfiles } from '../../src/config/load-profiles.ts';
import type { DeviceProfile } from '../../src/config/profile-schema.ts';
import type { SiteDevice } from '../../src/config/site.ts';
import { replayGolden } from '../../src/drivers/golden.ts';
import { planPolls } from '../../src/drivers/modbus/poll-plan.ts';
import { publishedKeys } from '../../src/drivers/point-set.ts';
import { manualClock } from '../support/manual-clock.ts';
import { NO_PORTS, smallSite } from './support/small-site.ts';

type Golden = DeviceProfile['golden'][number];

/** Shelves, labels and tills speak Aisle's own payloads, which have tests of their own. */
const OWN = ['shelf', 'label', 'till'];
const profiles = [...loadProfiles('devices').profiles.values()].filter(
  ({ simulator, mqtt }) => !OWN.includes(simulator.model) && mqtt?.payload !== 'sparkplug',
);
const INSTANT = { nowMs: Date.UTC(2026, 0, 5, 8), zone: 'UTC', sequence: 7 };

/** One device of this model alone in a store, after a minute of its life. */
function simulate(profile: DeviceProfile) {
  const address: SiteDevice['address'] = { protocol: 'mqtt', name: 'device-1' };
  const device: SiteDevice = { id: 'device-1', profile, address, bind: {} };
  const site = { ...smallSite(NO_PORTS), devices: new Map([[device.id, device]]), facings: new Map() };
  const clock = manualClock();
  const silent = { onReceipt() {}, onRefill() {}, onDelivery() {}, isHeard: () => true };
  const options = { seed: 3, busy: 1, startMs: clock.nowMs(), devices: new Set([device.id]) };
  const world = createWorld(site, options, silent);
  const faults = createFaults([device]);
  const instruments = startInstruments([device], world, 3, faults, clock);
  for (let second = 0; second < 60; second++) {
    clock.advance(1000);
    for (let tick = 0; tick < 10; tick++) world.tick();
  }
  return { device, faults, source: instruments.sources.get(device.id)! };
}

/** What the device would put on its wire now, as a golden frame. */
function frameOf(profile: DeviceProfile, { value }: TrueSource): Golden {
  const common = {
    name: 'simulated',
    expect: Object.fromEntries(publishedKeys(profile).map(key => [key, '?'])),
  };
  const first = profile.golden[0]!;
  if (profile.protocol === 'modbus') return { ...common, registers: registersOf(profile, value) };
  if (profile.protocol === 'opcua') {
    const background = 'nodes' in first ? first.nodes : {};
    const entries = profile.points.map(point => {
      const place = point.node ?? point.browse ?? '';
      return [place, rawOf(point, value(point.key)) ?? background[place]] as const;
    });
    return { ...common, nodes: Object.fromEntries(entries.filter(([, raw]) => raw !== undefined)) };
  }
  if (profile.protocol === 'http') {
    return { ...common, body: String(encodeMessage(postKind(profile)!, value, INSTANT)) };
  }
  const [kind] = topicKinds(profile);
  const payload = encodeMessage(kind!, value, INSTANT);
  const topic = kind!.topic.replace('{device}', 'device-1').replaceAll(/\{\w+\}/g, 'x');
  return {
    ...common,
    topic,
    ...(typeof payload === 'string' ? { payload } : { hex: payload.toString('hex') }),
  };
}

function registersOf(profile: DeviceProfile, values: TrueSource['value']): Record<string, number> {
  const first = profile.golden[0]!;
  const background = 'registers' in first ? first.registers : {};
  const memory = createRegisterMap(profile, { background, values });
  const registers: Record<string, number> = {};
  for (const { blocks } of planPolls(profile).groups) {
    for (const { table, address, count } of blocks) {
      for (let at = address; at < address + count; at++) {
        const word = memory.read(table as Table, at);
        expect(word, `${table}:${at}, which the gateway polls`).not.toBeNull();
        registers[`${table}:${at}`] = word!;
      }
    }
  }
  return registers;
}

/** What our driver makes of the frame, by point. */
function driverSees(profile: DeviceProfile, frame: Golden): ReadonlyMap<string, unknown> {
  const [result] = replayGolden({ ...profile, golden: [frame] });
  return new Map(result!.differences.map(({ point, found }) => [point, found] as const));
}

/** A device shows a number in steps; half of one and a thousandth are what rounding takes. */
function isNear(profile: DeviceProfile, point: string, found: unknown, truth: unknown): boolean {
  if (typeof truth !== 'number' || typeof found !== 'number') return found === truth;
  const { scale = 1, round = 0 } = profile.points.find(({ key }) => key === point) ?? {};
  const relative = Number.isInteger(truth) ? 0 : Math.abs(truth) / 1000;
  return Math.abs(found - truth) <= Math.max(0.51 * Math.abs(scale), round) + relative;
}

describe.each(profiles.map(profile => [profile.id, profile] as const))('a simulated %s', (_id, profile) => {
  it('shows its true values in the form that its maker documents', () => {
    const { source } = simulate(profile);
    const seen = driverSees(profile, frameOf(profile, source));
    const known = [...seen.keys()].filter(point => source.value(point) !== undefined);
    expect(known.length).toBeGreaterThan(0);
    const wrong = known.filter(point => !isNear(profile, point, seen.get(point), source.value(point)));
    expect(wrong.map(point => ({ point, seen: seen.get(point), truth: source.value(point) }))).toEqual([]);
  });
});

const celsiusOf = ({ points }: DeviceProfile) =>
  points.filter(({ unit, helper }) => unit === 'Cel' && !helper).map(({ key }) => key);
const thermometers = profiles.filter(profile => celsiusOf(profile).length > 0);

it.each(thermometers.map(profile => [profile.id, profile] as const))(
  'a simulated %s shows a broken probe as no temperature at all',
  (_id, profile) => {
    const { device, faults, source } = simulate(profile);
    faults.set({ device: device.id, fault: 'probe_broken', on: true });
    const seen = driverSees(profile, frameOf(profile, source));
    for (const point of celsiusOf(profile)) {
      const found = seen.get(point);
      expect(typeof found, `${point}: ${JSON.stringify(found)}`).not.toBe('number');
    }
  },
);
