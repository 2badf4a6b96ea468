/** What was heard or found that no device of the site accounts for, and what it may be. */
export interface Stranger {
  readonly protocol: 'mqtt' | 'modbus' | 'opcua' | 'http';
  /** How it would be named in a device's address: an MQTT name, `10.0.0.7:502 unit 3`, an endpoint. */
  readonly name: string;
  /** The topic, register or node by which it was noticed. */
  readonly where: string;
  /** The beginning of what it said, readable; null when it said nothing. */
  readonly sample: string | null;
  readonly count: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** Profiles that fit, the likeliest first. */
  readonly suggestions: readonly Suggestion[];
}

export interface Suggestion {
  /** Of the profile: it says what the device has to be bound to. */
  readonly kind: string;
  readonly profile: string;
  /** `address` of the device entry, as site.yaml has it; null when the profile's default will do. */
  readonly address: Readonly<Record<string, string | number>> | null;
  /** Why, in one sentence. */
  readonly because: string;
}

/** A device entry that is to be added to site.yaml. */
export interface Adoption {
  readonly id: string;
  readonly profile: string;
  readonly address: Readonly<Record<string, string | number>> | null;
  readonly bind: Readonly<Record<string, string>>;
}

export interface Adopted {
  readonly id: string;
  /** The file that was changed. */
  readonly file: string;
  /** What there is to do now, in one sentence. */
  readonly next: string;
}
