/** A path into JSON: property names and array indices, outermost first. */
export type JsonPath = readonly (string | number)[];

const STEP = /^(?:\.?([A-Za-z_$][\w$-]*)|\[(\d{1,6})\]|\['([^']*)'\])/;

/**
 * Reads a path such as `params['temperature:0'].tC` or `lines[0].in`; null when it is not one.
 * Only names and indices: no wildcard, no expression.
 */
export function parseJsonPath(text: string): JsonPath | null {
  const path: (string | number)[] = [];
  let rest = text.startsWith('.') ? '' : text;
  if (rest === '') return null;
  while (rest !== '') {
    const step = STEP.exec(rest);
    if (!step) return null;
    const [whole, name, index, quoted] = step;
    // After the first step a bare name needs its dot.
    if (name !== undefined && path.length > 0 && !whole.startsWith('.')) return null;
    path.push(index === undefined ? (name ?? quoted ?? '') : Number(index));
    rest = rest.slice(whole.length);
  }
  return path;
}

/** The value at the path, undefined when there is none. Looks at own properties only. */
export function atPath(root: unknown, path: JsonPath): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
