import { create, toBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import type { DeviceProfile } from '../../src/config/profile-schema.ts';
import { replayGolden } from '../../src/drivers/golden.ts';
import { PayloadSchema } from '../../src/drivers/sparkplug/gen/sparkplug/b/v1/payload_pb.ts';

const FLOAT = 9;

it('a Sparkplug birth is a golden frame: metrics by their names', () => {
  const payload = create(PayloadSchema, {
    timestamp: 1_767_600_000_000n,
    seq: 1n,
    metrics: [{ name: 'Air/Temperature', datatype: FLOAT, value: { case: 'floatValue', value: -18.5 } }],
  });
  const profile: DeviceProfile = {
    schema: 1,
    id: 'room',
    vendor: 'Test',
    models: ['Room'],
    kind: 'climate',
    sources: [{ title: 'this test', trust: 'ours' }],
    protocol: 'mqtt',
    mqtt: {
      topic: 'spBv1.0/{any}/{any}/{any}/{device}',
      payload: 'sparkplug',
      maxBytes: 4096,
      commands: [],
    },
    groups: {},
    points: [{ key: 'air_temperature', metric: 'Air/Temperature', scale: 1, offset: 0 }],
    golden: [
      {
        name: 'a cold room is born',
        topic: 'spBv1.0/store/DBIRTH/plc-1/room-1',
        hex: Buffer.from(toBinary(PayloadSchema, payload)).toString('hex'),
        expect: { air_temperature: -18.5 },
      },
    ],
    simulator: { model: 'climate', defaults: {} },
  };
  expect(replayGolden(profile)).toEqual([{ name: 'a cold room is born', passed: true, differences: [] }]);
  const [frame] = profile.golden;
  const wrong = { ...profile, golden: [{ ...frame!, expect: { air_temperature: 18.5 } }] };
  expect(replayGolden(wrong)[0]).toMatchObject({
    passed: false,
    differences: [{ point: 'air_temperature', expected: 18.5, found: -18.5 }],
  });
});
