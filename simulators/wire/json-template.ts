/** Our own reading and writing of the paths in profiles: names, `['quoted names']` and `[numbers]`. */

type Step = string | number;

export function stepsOf(path: string): readonly Step[] {
  const steps = path.matchAll(/\[(\d+)\]|\['([^']*)'\]|([^.[\]]+)/g);
  return [...steps].map(([, index, quoted, name]) =>
    index === undefined ? (quoted ?? name!) : Number(index),
  );
}

type Node = Record<Step, unknown>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

export function valueAt(root: unknown, path: string): unknown {
  return stepsOf(path).reduce<unknown>((node, step) => (isNode(node) ? node[step] : undefined), root);
}

/** Puts a value where the path leads, with the objects and lists on the way that are not there yet. */
export function putAt(root: unknown, path: string, value: unknown): void {
  const steps = stepsOf(path);
  let node = root;
  for (const [i, step] of steps.entries()) {
    if (!isNode(node)) return;
    if (i === steps.length - 1) {
      node[step] = value;
      return;
    }
    if (!isNode(node[step])) node[step] = typeof steps[i + 1] === 'number' ? [] : {};
    node = node[step];
  }
}
