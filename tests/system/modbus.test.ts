import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceProfile } from '../../src/config/profile-schema.ts';
import type { ColdUnitView, DeviceView, ValueView } from '../../src/store/views.ts';
import { followLive } from '../support/live-events.ts';
import { has } from '../support/needs.ts';
import { runProgram } from '../support/program.ts';
import { siteOf } from '../support/site-items.ts';
import { waitFor } from '../support/wait-for.ts';
import { type WholeStore, wholeStore } from '../support/whole-store.ts';

const POLL_MS = 1_000;
const UNITS = [
  { device: 'dairy-case', unit: 1 },
  { device: 'freezer-case', unit: 2 },
] as const;

describe.skipIf(!has('mbpoll', 'mbpoll'))('the refrigeration controllers, as mbpoll sees them', () => {
  let store: WholeStore;
  let points: DeviceProfile['points'];

  /** The value of one register, as mbpoll prints it: unsigned, and signed in brackets when that differs. */
  const register = async (unit: number, address: number): Promise<number> => {
    const connection = ['-m', 'tcp', '-p', String(store.ports.modbus), '-a', String(unit)];
    // -0: addresses as they are on the wire, and -1: once.
    const what = ['-t', '4', '-0', '-r', String(address), '-c', '1', '-1', '-q'];
    const printed = await runProgram('mbpoll', [...connection, ...what, '127.0.0.1']);
    const [, unsigned, signed] = /^\[\d+\]:\s+(\d+)(?: \((-?\d+)\))?/m.exec(printed) ?? [];
    return Number(signed ?? unsigned);
  };
  const values = async (device: string) =>
    (await store.get<ColdUnitView[]>('cold')).find(view => view.device === device)!.values;
  const pointOf = async (device: string, point: string): Promise<ValueView> =>
    (await values(device)).find(view => view.point === point)!;
  const temperature = (device: string) => pointOf(device, 'air_temperature');

  beforeAll(async () => {
    store = await wholeStore();
    points = siteOf(store.site).devices.get('dairy-case')!.profile.points;
    await store.gateway();
    await store.simulator();
    for (const device of [...UNITS.map(({ device }) => device), 'walk-in']) {
      await waitFor(
        `${device} has a temperature`,
        async () => (await temperature(device)).quality.level === 'good',
        20_000,
      );
    }
  });
  afterAll(() => store?.end());

  it.each(UNITS)(
    'every register of $device times its scale is what the API shows',
    async ({ device, unit }) => {
      // Helpers only serve other points; what is made of them is not on the wire.
      const published = points.filter(({ helper, addr }) => helper !== true && addr !== undefined);
      for (const { key, addr, scale, trueWhen } of published) {
        // The case lives on between the two looks: look again until both fall into the same second.
        await waitFor(`${device} ${key} agrees`, async () => {
          const raw = await register(unit, addr!);
          const { value } = await pointOf(device, key);
          if (typeof value === 'boolean') return value === (trueWhen ? trueWhen.includes(raw) : raw !== 0);
          return typeof value === 'number' && Math.abs(value - raw * scale) < scale / 2;
        });
      }
      expect(published.length).toBeGreaterThanOrEqual(8);
    },
  );

  it('a stopped controller is bad with reason comms within three polls, and the others go on', async () => {
    const live = await followLive(store.api);
    const before = await temperature('dairy-case');
    await store.tell('faults', { device: 'dairy-case', fault: 'stopped', on: true });
    const stoppedMs = performance.now();
    const lost = await waitFor(
      'the value is bad',
      async () => {
        const value = await temperature('dairy-case');
        return value.quality.level === 'bad' ? value : null;
      },
      3 * POLL_MS,
    );
    process.stdout.write(`bad ${Math.round(performance.now() - stoppedMs)} ms after the stop\n`);
    expect(lost).toMatchObject({ value: null, quality: { level: 'bad', reason: 'comms' } });
    expect(typeof lost.lastGood?.value).toBe('number');
    expect(lost.lastGood!.eventTimeMs).toBeGreaterThanOrEqual(before.eventTimeMs);

    const lostAtMs = performance.now();
    await othersGoOn();
    const told = live.messages.filter(
      ({ event, data, atMs }) => event === 'value' && data.device === 'dairy-case' && atMs > lostAtMs,
    );
    expect(told.filter(({ data }) => data.value !== null)).toEqual([]);
    live.close();
  });

  it('is good again when it is back', async () => {
    await store.tell('faults', { device: 'dairy-case', fault: 'stopped', on: false });
    // Probes of a lost device back off, so it may take longer than a poll.
    const back = await waitFor(
      'the value is good',
      async () => {
        const value = await temperature('dairy-case');
        return value.quality.level === 'good' ? value : null;
      },
      40_000,
    );
    expect(typeof back.value).toBe('number');
  });

  /** Three more polls of the other case, the walk-in room and a shelf arrive meanwhile. */
  async function othersGoOn() {
    const heard = async () => {
      const devices = await store.get<DeviceView[]>('devices');
      return ['freezer-case', 'walk-in', 'shelf-a1'].map(id => devices.find(({ device }) => device === id)!);
    };
    const before = await heard();
    await waitFor('the others are heard three polls later', async () => {
      const now = await heard();
      return now.every(({ lastSeenMs }, index) => lastSeenMs! >= before[index]!.lastSeenMs! + 3 * POLL_MS);
    });
    expect((await heard()).map(({ state }) => state)).toEqual(['online', 'online', 'online']);
    expect((await temperature('freezer-case')).quality.level).toBe('good');
    expect((await temperature('dairy-case')).value).toBeNull();
  }
});
