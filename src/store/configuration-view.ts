/** What the store is configured with. */
export interface ConfigurationView {
  /** Whose policies are in force: those of the store's own files, or a signed version of the cloud. */
  readonly source: 'files' | 'cloud';
  /** 0 for the files. */
  readonly version: number;
  /** SHA-256 over everything that is in force, 64 hexadecimal digits; the cloud hears the same one. */
  readonly hash: string;
  /** Null while nothing but the files was ever in force. */
  readonly sinceMs: number | null;
  /** False while the store watches itself. */
  readonly confirmed: boolean;
  readonly watchedUntilMs: number | null;
  /** The version that the store left by itself, and why; null when it did not. */
  readonly wentBack: { readonly fromVersion: number; readonly reason: string } | null;
  /** Name of the price list in force; null before the first. */
  readonly priceList: string | null;
  readonly policies: Readonly<Record<string, unknown>>;
  /** Where the policies in force are others than those of the store's own files; values as JSON. */
  readonly differences: readonly {
    readonly path: string;
    readonly files: string;
    readonly inForce: string;
  }[];
}
