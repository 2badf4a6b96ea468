import type { Policies, PolicyChange } from './facts.ts';

/** Every value in which two sets of policies differ, in the order of their paths. */
export function changesBetween(before: Policies, after: Policies): readonly PolicyChange[] {
  const [old, now] = [leavesOf(before), leavesOf(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  return paths
    .filter(path => old.get(path) !== now.get(path))
    .map(path => ({ path, before: old.get(path) ?? 'none', after: now.get(path) ?? 'none' }));
}

export const isSame = (a: Policies, b: Policies): boolean => changesBetween(a, b).length === 0;

function leavesOf(value: unknown, path = '', leaves = new Map<string, string>()): Map<string, string> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) leavesOf(inner, path ? `${path}.${key}` : key, leaves);
  } else leaves.set(path, JSON.stringify(value) ?? 'none');
  return leaves;
}
