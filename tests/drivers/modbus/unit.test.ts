import { beforeEach, describe, expect, test } from 'vitest';
import type { Bus, BusAnswer } from '../../../src/drivers/modbus/bus.ts';
import type { ReadRequest } from '../../../src/drivers/modbus/read-pdu.ts';
import { createUnit, type Unit } from '../../../src/drivers/modbus/unit.ts';
import { createReport, createTelemetry } from '../../../src/drivers/telemetry.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { fastCase, listen, modbusProfile } from './bus-fixtures.ts';

const GOOD_ANSWER: BusAnswer = { kind: 'values', values: [34, 20] };
const exception = (code: number): BusAnswer => ({ kind: 'exception', code });
const timeout: BusAnswer = { kind: 'timeout' };
const unreachable: BusAnswer = { kind: 'unreachable' };

let heard: ReturnType<typeof listen>;
let clock: ReturnType<typeof manualClock>;
let asked: ReadRequest[];

beforeEach(() => {
  clock = manualClock();
  heard = listen(clock);
  asked = [];
});

function unitOf(profile = fastCase) {
  const context = { ...heard.context, random: () => 0.5 };
  const telemetry = createTelemetry('case', context, createReport(context, 'modbus'));
  return createUnit({ unit: 1, profile }, telemetry, context);
}

function busThat(answer: (request: ReadRequest) => BusAnswer): Bus {
  return {
    ask: async (_unit, request) => {
      if (!('table' in request)) throw new Error('only reads are scripted');
      asked.push(request);
      return answer(request);
    },
    isOpen: () => true,
    close() {},
  };
}

/** Does whatever is due, round by round; returns the gaps between the rounds in milliseconds. */
async function pollTimes({ jobs }: Unit, bus: Bus, times: number): Promise<number[]> {
  const gaps: number[] = [];
  for (let i = 0; i < times; i++) {
    const waitMs = Math.max(0, Math.min(...jobs.map(job => job.dueMs())) - clock.monotonicMs());
    clock.advance(waitMs);
    gaps.push(waitMs);
    do {
      const due = jobs.filter(job => job.dueMs() <= clock.monotonicMs());
      await due[0]?.run(bus);
    } while (jobs.some(job => job.isUnderWay() && job.dueMs() <= clock.monotonicMs()));
  }
  return gaps;
}

describe('a unit that falls silent', () => {
  test('is offline after its second failed poll, and its points have no value', async () => {
    const unit = unitOf();
    await pollTimes(
      unit,
      busThat(() => GOOD_ANSWER),
      1,
    );
    await pollTimes(
      unit,
      busThat(() => timeout),
      1,
    );
    expect(heard.presence('case')).toEqual(['online']);
    expect(heard.last('case', 'air_temperature')).toMatchObject({ value: 3.4 });

    await pollTimes(
      unit,
      busThat(() => timeout),
      1,
    );
    expect(heard.presence('case')).toEqual(['online', 'offline']);
    for (const point of ['air_temperature', 'setpoint']) {
      expect(heard.last('case', point)).toMatchObject({
        value: null,
        quality: { level: 'bad', reason: 'comms' },
      });
    }
  });

  test('is back with its first good poll', async () => {
    const unit = unitOf();
    await pollTimes(
      unit,
      busThat(() => timeout),
      4,
    );
    await pollTimes(
      unit,
      busThat(() => GOOD_ANSWER),
      1,
    );
    expect(heard.presence('case')).toEqual(['offline', 'online']);
    expect(heard.last('case', 'air_temperature')).toMatchObject({ value: 3.4 });
  });

  test('costs its bus one time-out per back-off, which doubles to five minutes', async () => {
    const gaps = await pollTimes(
      unitOf(),
      busThat(() => timeout),
      11,
    );
    expect(gaps).toEqual([0, 30, 30, 5e3, 10e3, 20e3, 40e3, 80e3, 160e3, 300e3, 300e3]);
    expect(asked).toHaveLength(11);
  });

  test('keeps its beat while the connection is gone, which costs the bus nothing', async () => {
    const gaps = await pollTimes(
      unitOf(),
      busThat(() => unreachable),
      6,
    );
    expect(gaps).toEqual([0, 30, 30, 30, 30, 30]);
    expect(heard.presence('case')).toEqual(['offline']);
  });

  test.each([10, 11])('is silent too when its gateway says so with exception %i', async code => {
    await pollTimes(
      unitOf(),
      busThat(() => exception(code)),
      2,
    );
    expect(heard.presence('case')).toEqual(['offline']);
  });

  test('is not asked for its other groups in the same poll', async () => {
    const [live, slow] = fastCase.points;
    const profile = modbusProfile({
      points: [live!, { ...slow!, group: 'slow' }],
      groups: { live: { everyMs: 30 }, slow: { everyMs: 1000 } },
    });
    await pollTimes(
      unitOf(profile),
      busThat(() => timeout),
      2,
    );
    expect(asked).toHaveLength(2);
  });
});

describe('a unit that answers with an exception is alive', () => {
  test('a missing register loses its own point and no other', async () => {
    const unit = unitOf();
    const lacks101 = busThat(({ address, count }) =>
      address + count > 101 ? exception(2) : { kind: 'values', values: [34] },
    );
    await pollTimes(unit, lacks101, 2);
    expect(heard.presence('case')).toEqual(['degraded']);
    expect(heard.values('case', 'air_temperature')).toEqual([3.4, 3.4]);
    expect(heard.last('case', 'setpoint')).toMatchObject({
      value: null,
      quality: { level: 'bad', reason: 'device' },
    });
    // Neither the refused merged read nor the missing register is tried again.
    expect(asked.map(({ address, count }) => [address, count])).toEqual([
      [100, 2],
      [100, 1],
      [101, 1],
      [100, 1],
    ]);
  });

  test('a failure of the device loses the block', async () => {
    await pollTimes(
      unitOf(),
      busThat(() => exception(4)),
      3,
    );
    expect(heard.presence('case')).toEqual(['degraded']);
    expect(heard.values('case', 'air_temperature')).toEqual([null, null, null]);
  });

  test('a busy device is asked again and nothing is invented meanwhile', async () => {
    await pollTimes(
      unitOf(),
      busThat(() => exception(6)),
      3,
    );
    expect(heard.presence('case')).toEqual(['online']);
    expect(heard.values('case', 'air_temperature')).toEqual([]);
  });
});

test('groups keep their own beat, and a late poll is not made up for', async () => {
  const unit = unitOf();
  await pollTimes(
    unit,
    busThat(() => GOOD_ANSWER),
    2,
  );
  clock.advance(1000);
  expect(
    await pollTimes(
      unit,
      busThat(() => GOOD_ANSWER),
      3,
    ),
  ).toEqual([0, 30, 30]);
});
