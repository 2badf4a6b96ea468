import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { project } from '../../src/dashboard/hub/projection.ts';
import { lagOf, standingOf, worstFirst } from '../../src/dashboard/hub/store-words.ts';
import type { HubStoreView } from '../../src/hub/web/views.ts';

const NOW = 1_000_000_000;
const store = (change: Partial<HubStoreView> = {}): HubStoreView => ({
  gln: '9521321000018',
  name: 'Demo',
  place: null,
  online: true,
  heardAtMs: NOW - 4_000,
  version: '1',
  epoch: 'e1',
  ackedSeq: 100,
  lastSeq: 101,
  quarantined: 0,
  receiptsDisputed: 0,
  health: null,
  configuration: null,
  ...change,
});
const health = {
  pendingEvents: 0,
  budgetUsed: 0,
  devices: 20,
  devicesOnline: 20,
  errors: 0,
  discrepancies: 0,
  uptimeSeconds: 9,
};

describe('how a store stands', () => {
  it.each([
    [{}, 'ok', 'In step'],
    [{ online: false, heardAtMs: NOW - 3 * 3_600_000 }, 'out', 'Away 3 h'],
    [{ lastSeq: 5_100 }, 'low', '5,000 behind'],
    [{ health: { ...health, devicesOnline: 18 } }, 'low', '2 devices away'],
    [{ health: { ...health, budgetUsed: 0.71 } }, 'low', 'backlog 71 % full'],
    [{ quarantined: 1 }, 'low', '1 event put aside'],
  ])('%j is %s: %s', (change, kind, word) => {
    expect(standingOf(store(change), NOW)).toMatchObject({ kind, word });
  });

  it('puts first who needs somebody, and counts no lag below nothing', () => {
    const stores = [store({ name: 'B' }), store({ name: 'C', online: false }), store({ name: 'A' })];
    expect(worstFirst(stores, NOW).map(({ name }) => name)).toEqual(['C', 'A', 'B']);
    expect(lagOf(store({ ackedSeq: 200 }))).toBe(0);
  });
});

const degrees = (most: number) => fc.double({ min: -most, max: most, noNaN: true });
const places = fc.array(fc.record({ latitude: degrees(80), longitude: degrees(179) }), {
  minLength: 1,
  maxLength: 30,
});
const size = { width: 600, height: 400 };

describe('the map', () => {
  test.prop([places], { numRuns: 200, seed: 5 })(
    'shows every place inside its margin, north above south',
    all => {
      const map = project(all, size, 50);
      for (const place of all) {
        const { x, y } = map.toPixels(place);
        expect(x).toBeGreaterThanOrEqual(49.9);
        expect(x).toBeLessThanOrEqual(550.1);
        expect(y).toBeGreaterThanOrEqual(49.9);
        expect(y).toBeLessThanOrEqual(350.1);
      }
      const northFirst = all.toSorted((a, b) => b.latitude - a.latitude).map(place => map.toPixels(place).y);
      expect(northFirst).toEqual(northFirst.toSorted((a, b) => a - b));
    },
  );

  it('has a kilometre of the same length both ways, and says how long it is', () => {
    const map = project(
      [
        { latitude: 52, longitude: 13 },
        { latitude: 53, longitude: 14 },
      ],
      size,
      50,
    );
    const at = map.toPixels({ latitude: 52.5, longitude: 13.5 });
    const north = map.toPixels({ latitude: 52.6, longitude: 13.5 });
    const east = map.toPixels({ latitude: 52.5, longitude: 13.5 + 0.1 / Math.cos((52.5 * Math.PI) / 180) });
    expect(at.y - north.y).toBeCloseTo(east.x - at.x, 6);
    expect((map.scale.pixels / map.scale.km) * 11.1195).toBeCloseTo(at.y - north.y, 6);
  });
});
