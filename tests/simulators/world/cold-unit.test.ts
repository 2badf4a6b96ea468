import { describe, expect, it } from 'vitest';
import { type ColdUnit, coldValue, createColdUnit } from '../../../simulators/world/cold-unit.ts';
import { createRandom } from '../../../simulators/world/random.ts';
import { NO_PORTS, smallSite } from '../support/small-site.ts';

const device = smallSite(NO_PORTS).devices.get('case-1')!;

function watch(model: ReturnType<typeof createColdUnit>, seconds: number): ColdUnit[] {
  return Array.from({ length: seconds }, () => {
    model.step();
    return { ...model.state };
  });
}

describe('a chilled case', () => {
  it('cycles around its setpoint and stays within the legal 5 °C for two hours, defrosts included', () => {
    const seen = watch(createColdUnit(device, createRandom(1)), 7200);
    const air = seen.map(({ airCelsius }) => airCelsius);
    expect(Math.min(...air)).toBeGreaterThan(1);
    expect(Math.max(...air)).toBeLessThan(5);
    expect(new Set(seen.map(({ cooling }) => cooling))).toEqual(new Set([true, false]));
    expect(seen.some(({ defrosting }) => defrosting)).toBe(true);
  });

  it('never cools during a defrost, and the controller shows a still fan', () => {
    const defrosts = watch(createColdUnit(device, createRandom(1)), 1200).filter(
      ({ defrosting }) => defrosting,
    );
    expect(defrosts.length).toBeGreaterThan(60);
    for (const state of defrosts) {
      expect(state.cooling).toBe(false);
      expect(coldValue(state, 'fan')).toBe(false);
    }
  });

  it('warms above 8 °C when somebody keeps its door open, and recovers when it is shut', () => {
    const model = createColdUnit(device, createRandom(1));
    model.holdDoor(true);
    const open = watch(model, 300);
    expect(open.at(-1)!.airCelsius).toBeGreaterThan(8);
    expect(open.at(-1)!.doorOpen).toBe(true);
    model.holdDoor(false);
    expect(watch(model, 900).at(-1)!.airCelsius).toBeLessThan(5);
  });

  it('has a product that follows its air slowly', () => {
    const model = createColdUnit(device, createRandom(1));
    model.holdDoor(true);
    const { airCelsius, productCelsius } = watch(model, 300).at(-1)!;
    expect(airCelsius - productCelsius).toBeGreaterThan(3);
  });
});

describe('a freezer', () => {
  it('stays below -18 °C with doors that shoppers open now and then', () => {
    const frozen = { ...device, bind: { unit: 'Freezer', temperatureClass: 'frozen' as const } };
    const model = createColdUnit(frozen, createRandom(2));
    for (let minute = 0; minute < 60; minute++) {
      model.openFor(4);
      for (const { productCelsius } of watch(model, 60)) expect(productCelsius).toBeLessThan(-18);
    }
  });
});
