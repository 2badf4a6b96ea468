/**
 * The `policies` section of a site file: checked, with every default filled in, plain JSON. What stands in it is the
 * concern of whoever reads it; here it is put in force, watched and taken back as a whole.
 */
export type Policies = Readonly<Record<string, unknown>>;

/** One value that differs, as text for a person: `stock.safetyStock`, `0`, `2`. */
export interface PolicyChange {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

export type ConfigurationState =
  | 'applied' // in force, and watched
  | 'confirmed' // the store found itself well with it
  | 'rolled_back'; // the store went back to what it had before

/** What the store is configured with from now on. Each fact says all of it, so the last one is the state. */
export interface ConfigurationFact {
  readonly type: 'configuration';
  readonly state: ConfigurationState;
  /** In force from now on; 0 stands for the store's own files. */
  readonly version: number;
  /** Since when that is so, Unix ms. */
  readonly sinceMs: number;
  readonly versionBefore: number;
  readonly policies: Policies;
  /** Against the policies before. */
  readonly changes: readonly PolicyChange[];
  /** Highest version that this store ever had in force. */
  readonly highestVersion: number;
  /** While it is watched: until when (Unix ms), and what the store goes back to. */
  readonly watch: Watch | null;
  /** Why the store went back; null otherwise. */
  readonly reason: string | null;
}

export interface Watch {
  readonly untilMs: number;
  readonly fallbackVersion: number;
  readonly fallback: Policies;
}
