/** A fault that is put into a copy of the code: `from`, which `file` holds once, becomes `to`. */
export interface Mutant {
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}
