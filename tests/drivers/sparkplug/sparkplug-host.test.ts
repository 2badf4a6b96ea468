import { create, toBinary } from '@bufbuild/protobuf';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { SiteDevice } from '../../../src/config/site.ts';
import { MetricSchema, PayloadSchema } from '../../../src/drivers/sparkplug/gen/sparkplug/b/v1/payload_pb.ts';
import { createSparkplugHost, type HostMessage } from '../../../src/drivers/sparkplug/sparkplug-host.ts';
import { decodePayload } from '../../../src/drivers/sparkplug/sparkplug-payload.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { labelProfile } from '../mqtt/test-store.ts';

const INT16 = 2;
const UINT64 = 8;
const FLOAT = 9;
const BOOLEAN = 11;

type MetricInit = NonNullable<Parameters<typeof create<typeof MetricSchema>>[1]>;
const float = (value: number): MetricInit => ({ datatype: FLOAT, value: { case: 'floatValue', value } });
const bdSeq = (value: number): MetricInit => ({
  name: 'bdSeq',
  datatype: UINT64,
  value: { case: 'longValue', value: BigInt(value) },
});

const room: SiteDevice = {
  id: 'walk-in',
  bind: {},
  address: { protocol: 'mqtt', name: 'room-1' },
  profile: {
    ...labelProfile,
    kind: 'climate',
    mqtt: {
      topic: 'spBv1.0/{any}/{any}/{any}/{device}',
      payload: 'sparkplug',
      maxBytes: 4_096,
      commands: [],
    },
    points: [
      {
        key: 'air_temperature',
        metric: 'Air/Temperature',
        scale: 1,
        offset: 0,
        valid: { min: -60, max: 60 },
      },
      { key: 'door_open', metric: 'Door/Open', scale: 1, offset: 0 },
      { key: 'setpoint', metric: 'Setpoint', scale: 0.1, offset: 0, valid: { min: -60, max: 60 } },
    ],
  },
};

function host(devices: readonly SiteDevice[] = [room]) {
  const clock = manualClock();
  const published: HostMessage[] = [];
  const under = createSparkplugHost(
    { devices: new Map(devices.map(device => [device.id, device])) },
    { hostId: 'aisle-test', clock, random: () => 0.5, publish: message => published.push(message) },
  );
  const hear = (type: string, metrics: readonly MetricInit[], seq: number | null = null, more = '') => {
    const payload = create(PayloadSchema, {
      timestamp: BigInt(Math.round(clock.nowMs())),
      metrics: metrics.map(metric => create(MetricSchema, metric)),
      ...(seq === null ? {} : { seq: BigInt(seq) }),
    });
    const device = type.startsWith('D') ? '/room-1' : '';
    const taken = under.take(
      `spBv1.0/plant/${type}/node-1${device}${more}`,
      toBinary(PayloadSchema, payload),
      false,
    );
    if (!taken.ok) return taken.rejection.reason;
    const { readings, born, died } = taken.value;
    const values = readings.flatMap(each =>
      each.kind === 'point'
        ? [
            [
              each.point,
              each.quality.level === 'bad' ? each.quality.reason : each.value,
              ...(each.historical ? ['history'] : []),
            ],
          ]
        : [],
    );
    return { values, born, died };
  };
  const births = [
    () => hear('NBIRTH', [bdSeq(7)], 0),
    () =>
      hear(
        'DBIRTH',
        [
          { ...float(3.7), name: 'Air/Temperature', alias: 1n },
          { name: 'Door/Open', alias: 2n, datatype: BOOLEAN, value: { case: 'booleanValue', value: false } },
          { name: 'Setpoint', alias: 3n, datatype: INT16, value: { case: 'intValue', value: 0xffff - 179 } },
        ],
        1,
      ),
  ];
  const asked = () => published.splice(0).map(({ topic }) => topic);
  return { under, clock, hear, bear: () => births.map(birth => birth()), published, asked };
}

describe('an edge node', () => {
  test('tells the names of its metrics at birth, and later only their aliases', () => {
    const { bear, hear, asked } = host();
    expect(bear()).toEqual([
      { values: [], born: [], died: [] },
      {
        values: [
          ['air_temperature', 3.7],
          ['door_open', false],
          ['setpoint', -18],
        ],
        born: ['walk-in'],
        died: [],
      },
    ]);
    expect(hear('DDATA', [{ ...float(4.25), alias: 1n }], 2)).toMatchObject({
      values: [['air_temperature', 4.25]],
    });
    expect(hear('DDATA', [{ alias: 2n, value: { case: 'booleanValue', value: true } }], 3)).toMatchObject({
      values: [['door_open', true]],
    });
    expect(asked()).toEqual([]);
  });

  test('whose birth was not heard is asked for it, once in each back-off', () => {
    const { clock, hear, asked, published } = host();
    expect(hear('DDATA', [{ ...float(4.25), alias: 1n }], 9)).toMatchObject({ values: [] });
    const [command] = published;
    expect(command?.topic).toBe('spBv1.0/plant/NCMD/node-1');
    const payload = decodePayload(command?.payload as Uint8Array);
    expect(payload).toMatchObject({
      ok: true,
      value: { seq: null, metrics: [{ name: 'Node Control/Rebirth' }] },
    });
    expect(payload.ok && payload.value.metrics[0]?.as(BOOLEAN)).toBe(true);

    for (let seq = 10; seq < 20; seq++) hear('DDATA', [{ ...float(4.25), alias: 1n }], seq);
    expect(asked()).toHaveLength(1);
    clock.advance(10_001);
    hear('DDATA', [{ ...float(4.25), alias: 1n }], 20);
    clock.advance(10_001);
    hear('DDATA', [{ ...float(4.25), alias: 1n }], 21);
    expect(asked()).toHaveLength(1);
  });

  test('whose message was lost is asked for its births; what did arrive counts', () => {
    const { bear, hear, asked } = host();
    bear();
    expect(hear('DDATA', [{ ...float(5), alias: 1n }], 3)).toMatchObject({
      values: [['air_temperature', 5]],
    });
    expect(asked()).toEqual(['spBv1.0/plant/NCMD/node-1']);
  });

  test('counts its messages from 0 to 255 and on from 0', () => {
    const { bear, hear, asked } = host();
    bear();
    for (let seq = 2; seq < 600; seq++) hear('NDATA', [], seq % 256);
    expect(asked()).toEqual([]);
  });

  test('that tells a metric which its birth did not name is asked for its births', () => {
    const { bear, hear, asked } = host();
    bear();
    expect(hear('DDATA', [{ ...float(5), alias: 99n }], 2)).toMatchObject({ values: [] });
    expect(asked()).toHaveLength(1);
  });

  test('takes its devices with it when it dies, but not by the will of an earlier session', () => {
    const { bear, hear } = host();
    bear();
    expect(hear('NDEATH', [bdSeq(6)])).toMatchObject({ died: [] });
    expect(hear('NDEATH', [bdSeq(7)])).toMatchObject({ died: ['walk-in'] });
    expect(hear('NDEATH', [bdSeq(7)])).toMatchObject({ died: [] });
  });

  test('tells the death of a single device', () => {
    const { bear, hear, asked } = host();
    bear();
    expect(hear('DDEATH', [], 2)).toMatchObject({ died: ['walk-in'] });
    expect(asked()).toEqual([]);
    hear('DDATA', [{ ...float(5), alias: 1n }], 3);
    expect(asked()).toHaveLength(1);
  });

  test('that is born anew forgets its old aliases', () => {
    const { bear, hear } = host();
    bear();
    hear('NBIRTH', [bdSeq(8)], 0);
    expect(hear('DDATA', [{ ...float(5), alias: 1n }], 1)).toMatchObject({ values: [] });
  });
});

describe('a metric', () => {
  test('from the past is history and no latest value', () => {
    const { bear, hear, clock } = host();
    bear();
    const timestamp = BigInt(Math.round(clock.nowMs()) - 3_600_000);
    expect(
      hear(
        'DDATA',
        [
          { ...float(9), alias: 1n, timestamp, isHistorical: true },
          { ...float(5), alias: 1n },
        ],
        2,
      ),
    ).toMatchObject({
      values: [
        ['air_temperature', 9, 'history'],
        ['air_temperature', 5],
      ],
    });
  });

  test.each<[string, MetricInit, string]>([
    ['null', { isNull: true }, 'sentinel'],
    ['out of range', float(400), 'range'],
    ['not a number', float(Number.NaN), 'format'],
    ['of another type than its birth said', { value: { case: 'stringValue', value: '5' } }, 'format'],
    ['without a value', {}, 'format'],
  ])('that is %s has no value', (_what, metric, reason) => {
    const { bear, hear } = host();
    bear();
    expect(hear('DDATA', [{ ...metric, alias: 1n }], 2)).toMatchObject({
      values: [['air_temperature', reason]],
    });
  });
});

describe('the host', () => {
  test('says that it is there with the time of its will', () => {
    const { under, clock } = host();
    const will = under.will();
    clock.advance(5_000);
    const birth = under.birth();
    expect([will.topic, will.retain, birth.retain]).toEqual(['spBv1.0/STATE/aisle-test', true, true]);
    const [dead, alive] = [will, birth].map(
      ({ payload }) => JSON.parse(String(payload)) as Record<string, unknown>,
    );
    expect(dead).toEqual({ online: false, timestamp: alive?.timestamp });
    expect(alive?.online).toBe(true);
  });

  test('is silent in a store without Sparkplug devices', () => {
    const { under } = host([]);
    expect([under.isNeeded, under.filters, under.isOurs('spBv1.0/plant/NDATA/node-1')]).toEqual([
      false,
      [],
      false,
    ]);
  });

  test.each([
    'spBv1.0/STATE/other',
    'spBv1.0/plant/NCMD/node-1',
    'spBv1.0/plant/DDATA/node-1',
    'spBv1.0/plant/NDATA/node-1/room-1',
    'spAv1.0/plant/NDATA/node-1',
    'spBv1.0/plant/DDATA/node-1/a/b',
  ])('leaves %s to others', topic => {
    expect(host().under.isOurs(topic)).toBe(false);
  });

  test('refuses what is too large, and messages that a broker had kept', () => {
    const { under, hear } = host();
    expect(under.take('spBv1.0/plant/DDATA/node-1/room-1', new Uint8Array(5_000), false)).toMatchObject({
      rejection: { reason: 'too_large' },
    });
    expect(under.take('spBv1.0/plant/DDATA/node-1/room-1', new Uint8Array(), true)).toMatchObject({
      rejection: { reason: 'stored' },
    });
    expect(
      hear(
        'DDATA',
        Array.from({ length: 2_000 }, () => float(1)),
        0,
      ),
    ).toBe('too_large');
  });

  const topics = fc.constantFrom(
    'NBIRTH/n',
    'NDEATH/n',
    'NDATA/n',
    'DBIRTH/n/room-1',
    'DDEATH/n/room-1',
    'DDATA/n/room-1',
  );
  property.prop([fc.array(fc.tuple(topics, fc.uint8Array({ maxLength: 60 })), { maxLength: 8 })], {
    seed: 3,
    numRuns: 1_000,
  })('is never thrown at by any bytes on any topic', messages => {
    const { under } = host();
    for (const [topic, bytes] of messages) {
      const taken = under.take(`spBv1.0/plant/${topic}`, bytes, false);
      if (!taken.ok) continue;
      for (const reading of taken.value.readings) {
        if (reading.kind === 'point') expect(reading.value === null).toBe(reading.quality.level === 'bad');
      }
    }
  });
});
