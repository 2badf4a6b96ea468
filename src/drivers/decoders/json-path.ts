import { isObject } from './json-object.ts';

/** The first entry of a list whose property `name` is `equals`. */
interface Where {
  readonly name: string;
  readonly equals: string | number;
}

/** A path into JSON: property names, array indices and choices by one property, outermost first. */
export type JsonPath = readonly (string | number | Where)[];

const STEP =
  /^(?:\.?([A-Za-z_$][\w$-]*)|\[(\d{1,6})\]|\['([^']*)'\]|\[([A-Za-z_]\w*)=(?:'([^']*)'|(-?\d{1,15}))\])/;

/**
 * Reads a path such as `params['temperature:0'].tC`, `lines[0].in` or `counts[name='fw'].value`; null when it is not
 * one. Only names, indices and one equality for an entry of a list: no wildcard, no expression.
 */
export function parseJsonPath(text: string): JsonPath | null {
  const path: JsonPath[number][] = [];
  let rest = text.startsWith('.') ? '' : text;
  if (rest === '') return null;
  while (rest !== '') {
    const step = STEP.exec(rest);
    if (!step) return null;
    const [whole, name, index, quoted, key, text, digits] = step;
    // After the first step a bare name needs its dot.
    if (name !== undefined && path.length > 0 && !whole.startsWith('.')) return null;
    if (key !== undefined) path.push({ name: key, equals: text ?? Number(digits) });
    else path.push(index === undefined ? (name ?? quoted ?? '') : Number(index));
    rest = rest.slice(whole.length);
  }
  return path;
}

/** The value at the path, undefined when there is none. Looks at own properties only. */
export function atPath(root: unknown, path: JsonPath): unknown {
  let value = root;
  for (const step of path) {
    if (typeof step === 'object') value = chosen(value, step);
    else if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    else value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

function chosen(list: unknown, { name, equals }: Where): unknown {
  if (!Array.isArray(list)) return undefined;
  return list.find(
    (entry: unknown) => isObject(entry) && Object.hasOwn(entry, name) && entry[name] === equals,
  );
}
