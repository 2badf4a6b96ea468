import type { ModbusAddress, SiteDevice } from '../../config/site.ts';

export type ModbusDevice = SiteDevice & { readonly address: ModbusAddress };

export const isModbus = (device: SiteDevice): device is ModbusDevice => device.address.protocol === 'modbus';
