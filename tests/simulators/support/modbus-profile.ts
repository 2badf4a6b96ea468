import { DEFAULT_MODBUS, type ModbusSection } from '../../../src/config/modbus-schema.ts';
import type { DeviceProfile, ProfilePoint, ProfileWrite } from '../../../src/config/profile-schema.ts';
import { NO_PORTS, smallSite } from './small-site.ts';

interface More {
  readonly modbus?: { readonly order?: ModbusSection['order']; readonly maxHole?: number };
  readonly derive?: DeviceProfile['derive'];
  readonly writes?: readonly ProfileWrite['steps'][number][];
}

/** A profile of one's own points; all else is as in a file that says nothing about it. */
export function modbusProfile(points: ProfilePoint[], { modbus, derive, writes }: More = {}): DeviceProfile {
  const { profile } = smallSite(NO_PORTS).devices.get('case-1')!;
  const { order, limits } = DEFAULT_MODBUS;
  const steps = writes ?? [];
  return {
    ...profile,
    points,
    ...(derive && { derive }),
    modbus: {
      ...DEFAULT_MODBUS,
      order: modbus?.order ?? order,
      limits: { ...limits, maxHole: modbus?.maxHole ?? limits.maxHole },
    },
    writes: steps.map(step => ({ key: 'set', steps: [step], eeprom: false, role: 'technician' })),
  };
}
