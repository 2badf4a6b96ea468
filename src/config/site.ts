import type { Gln, Gtin } from '../shared/gtin.ts';
import type { DeviceProfile } from './profile-schema.ts';
import type { SiteFile } from './site-schema.ts';

export type TemperatureClass = 'ambient' | 'chilled' | 'frozen';

/** One line of `items.csv`. */
export interface Item {
  readonly gtin: Gtin;
  readonly name: string;
  /** Gross weight of one unit (of what is sold by kg: of a piece as a rule); null for what is not counted by weight. */
  readonly unitWeightGrams: number | null;
  /** Present for what is sold by weight: all its quantities are grams. */
  readonly soldBy?: 'kg';
  /** Price of one unit, or of one kilogram, in the store currency's minor unit. */
  readonly priceMinor: number;
  readonly temperatureClass: TemperatureClass;
}

/** A weight plate: one channel of a shelf device. */
export interface PlateAddress {
  readonly device: string;
  readonly plate: number;
}

/** One line of `planogram.csv`: one item's place on a shelf. */
export interface Facing {
  readonly id: string;
  readonly fixture: string;
  readonly shelf: string;
  readonly position: number;
  readonly gtin: Gtin;
  /** Units, or grams of an item that is sold by weight. */
  readonly capacity: number;
  readonly minimum: number;
  /** Empty when the facing has no weight plates. */
  readonly plates: readonly PlateAddress[];
  /** Device id of its electronic label; null when it has a paper one. */
  readonly label: string | null;
}

/** Modbus TCP, or with framing `rtu` serial frames over a TCP connection. */
export interface ModbusTcpAddress {
  readonly host: string;
  readonly port: number;
  readonly unit: number;
  readonly framing?: 'mbap' | 'rtu';
}

/** A serial port with Modbus RTU devices. */
export interface SerialLine {
  readonly name: string;
  /** Path of the port, such as `/dev/ttyUSB0`. */
  readonly port: string;
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stop: 1 | 2;
}

export interface ModbusLineAddress {
  readonly line: SerialLine;
  readonly unit: number;
}

export type ModbusAddress = ModbusTcpAddress | ModbusLineAddress;

export interface OpcuaAddress {
  readonly endpoint: string;
  /** `nsu=<namespace URI>;...` of the object where the profile's browse paths start. */
  readonly root?: string;
  readonly security?: 'none' | 'sign' | 'sign-and-encrypt';
  readonly policy?: 'Basic256Sha256' | 'Aes128_Sha256_RsaOaep' | 'Aes256_Sha256_RsaPss';
  readonly user?: { readonly name: string; readonly passwordFile: string };
}

export interface SiteDevice {
  readonly id: string;
  readonly profile: DeviceProfile;
  readonly address:
    | ({ readonly protocol: 'modbus' } & ModbusAddress)
    | ({ readonly protocol: 'opcua' } & OpcuaAddress)
    | { readonly protocol: 'mqtt'; readonly name: string }
    | { readonly protocol: 'http'; readonly name: string; readonly tokenFile?: string };
  readonly bind: SiteFile['devices'][number]['bind'];
}

/** A whole site: checked, resolved and frozen. Whoever holds one may trust every reference in it. */
export interface Site {
  readonly folder: string;
  readonly store: {
    readonly gln: Gln;
    readonly name: string;
    readonly timeZone: string;
    readonly currency: string;
  };
  readonly listen: SiteFile['listen'];
  readonly mqtt: SiteFile['mqtt'];
  readonly cloud: SiteFile['cloud'] | null;
  readonly policies: SiteFile['policies'];
  readonly devices: ReadonlyMap<string, SiteDevice>;
  readonly items: ReadonlyMap<Gtin, Item>;
  readonly facings: ReadonlyMap<string, Facing>;
}
