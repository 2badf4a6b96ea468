/**
 * Our own reading and writing of the paths in profiles: names, `['quoted names']`, `[numbers]` and the entry of a
 * list that says something, `[name='value']`.
 */
type Step = string | number | { readonly key: string; readonly equals: string };

const STEPS = /\[(\d+)\]|\['([^']*)'\]|\[(\w+)='([^']*)'\]|([^.[\]]+)/g;

export function stepsOf(path: string): readonly Step[] {
  return [...path.matchAll(STEPS)].map(([, index, quoted, key, equals, name]) => {
    if (index !== undefined) return Number(index);
    return key === undefined ? (quoted ?? name!) : { key, equals: equals! };
  });
}

type Node = Record<string | number, unknown>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

function entryOf(list: unknown, { key, equals }: Extract<Step, object>): Node | undefined {
  if (!Array.isArray(list)) return undefined;
  return list.find((entry): entry is Node => isNode(entry) && String(entry[key]) === equals);
}

function child(node: unknown, step: Step): unknown {
  if (typeof step === 'object') return entryOf(node, step);
  return isNode(node) ? node[step] : undefined;
}

export function valueAt(root: unknown, path: string): unknown {
  return stepsOf(path).reduce<unknown>(child, root);
}

/** What must stand where the path goes on with this step. */
const emptyFor = (step: Step | undefined): Node => (typeof step === 'string' ? {} : ([] as unknown as Node));

/** Puts a value where the path leads, with the objects and lists on the way that are not there yet. */
export function putAt(root: unknown, path: string, value: unknown): void {
  const steps = stepsOf(path);
  let node = root;
  for (const [i, step] of steps.entries()) {
    if (!isNode(node)) return;
    if (typeof step === 'object') {
      const entry: Node = entryOf(node, step) ?? { [step.key]: step.equals };
      if (Array.isArray(node) && !node.includes(entry)) node.push(entry);
      node = entry;
    } else if (i === steps.length - 1) {
      node[step] = value;
    } else {
      if (!isNode(node[step])) node[step] = emptyFor(steps[i + 1]);
      node = node[step];
    }
  }
}
