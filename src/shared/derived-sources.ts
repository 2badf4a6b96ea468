/** One operator and the names of the points that it works on. */
export interface DerivedRule {
  readonly eq?: { readonly point: string };
  readonly in?: { readonly point: string };
  readonly bit?: { readonly point: string };
  readonly and?: readonly string[];
  readonly or?: readonly string[];
  readonly not?: string;
  readonly diff?: { readonly from: string; readonly minus: string };
}

/** The points that a derived one is made of. */
export function sourcesOf({ eq, in: within, bit, and, or, not, diff }: DerivedRule): readonly string[] {
  const single = eq ?? within ?? bit;
  if (single) return [single.point];
  if (diff) return [diff.from, diff.minus];
  return and ?? or ?? (not === undefined ? [] : [not]);
}
