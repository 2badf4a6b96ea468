import { describe, expect, it } from 'vitest';
import { createEdgeNode, deathOf } from '../../../simulators/wire/sparkplug-node.ts';
import type { ProfilePoint } from '../../../src/config/profile-schema.ts';
import type { SiteDevice } from '../../../src/config/site.ts';
import { createSparkplugHost } from '../../../src/drivers/sparkplug/sparkplug-host.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { NO_PORTS, smallSite } from '../support/small-site.ts';

const points: ProfilePoint[] = [
  { key: 'air_temperature', metric: 'Air/Temperature', scale: 1, offset: 0, unit: 'Cel' },
  { key: 'door_open', metric: 'Door/Open', scale: 1, offset: 0 },
];
const { profile } = smallSite(NO_PORTS).devices.get('door-1')!;
const room: SiteDevice = {
  id: 'room',
  bind: {},
  address: { protocol: 'mqtt', name: 'room-1' },
  profile: {
    ...profile,
    points,
    mqtt: { ...profile.mqtt!, topic: 'spBv1.0/{any}/{any}/{any}/{device}', payload: 'sparkplug' },
  },
};

function talk() {
  const clock = manualClock();
  const asked: string[] = [];
  const host = createSparkplugHost(
    { devices: new Map([[room.id, room]]) },
    { hostId: 'test', clock, random: () => 0.5, publish: ({ topic }) => asked.push(topic) },
  );
  const values: Record<string, number | boolean> = { air_temperature: -18.25, door_open: true };
  const heard: unknown[] = [];
  const send = (topic: string, payload: string | Buffer) => {
    const taken = host.take(topic, Buffer.from(payload), false);
    if (!taken.ok) return void heard.push(taken.rejection.reason);
    for (const reading of taken.value.readings) if (reading.kind === 'point') heard.push(reading.value);
    heard.push(...taken.value.born, ...taken.value.died.map(device => `${device} died`));
  };
  const node = createEdgeNode(room.profile, 'room-1', key => values[key], { send, nowMs: clock.nowMs });
  return { node, heard, asked, send, clock };
}

describe('a simulated Sparkplug edge node, heard by our host', () => {
  it('is born with its device and reports under aliases', () => {
    const { node, heard, asked } = talk();
    node.born();
    expect(heard).toEqual([-18.25, true, 'room']);
    heard.length = 0;
    for (let report = 0; report < 300; report++) node.report();
    expect(heard).toHaveLength(600);
    expect(new Set(heard)).toEqual(new Set([-18.25, true]));
    expect(asked).toEqual([]);
  });

  it('dies with its connection', () => {
    const { node, heard, send, clock } = talk();
    node.born();
    heard.length = 0;
    const { topic, payload } = deathOf('room-1', clock.nowMs());
    send(topic, payload);
    expect(heard).toEqual(['room died']);
  });

  it('is asked for its birth where the host missed it', () => {
    const { node, asked } = talk();
    node.report();
    expect(asked).toEqual(['spBv1.0/aisle/NCMD/edge-room-1']);
  });
});
