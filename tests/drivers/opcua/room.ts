import type { DeviceProfile } from '../../../src/config/profile-schema.ts';
import type { OpcuaAddress, SiteDevice } from '../../../src/config/site.ts';
import { PLANT } from './plant-server.ts';

export const node = (key: string, name: string) => ({
  key,
  node: `nsu=${PLANT};s=${name}`,
  scale: 1,
  offset: 0,
});

function roomProfile(points: DeviceProfile['points']): DeviceProfile {
  return {
    schema: 1,
    id: 'room',
    vendor: 'Test',
    models: ['Test'],
    kind: 'refrigeration',
    sources: [{ title: 'this test', trust: 'ours' }],
    protocol: 'opcua',
    opcua: { samplingMs: 50, publishingMs: 50, namespace: PLANT },
    groups: {},
    points,
    golden: [],
    simulator: { model: 'walkin', defaults: {} },
  };
}

export const room = (
  id: string,
  address: OpcuaAddress | string,
  points: DeviceProfile['points'],
): SiteDevice => ({
  id,
  profile: roomProfile(points),
  address: { protocol: 'opcua', ...(typeof address === 'string' ? { endpoint: address } : address) },
  bind: {},
});
