import type { DeviceProfile } from './profile-schema.ts';

/** Which protocol an address was written for, by the keys that it has. */
export function addressProtocol(address: unknown): DeviceProfile['protocol'] | null {
  if (typeof address !== 'object' || address === null) return null;
  if ('endpoint' in address) return 'opcua';
  if ('host' in address || 'line' in address || 'unit' in address || 'port' in address) return 'modbus';
  return 'name' in address ? 'mqtt' : null;
}
