const refuse = (): never => {
  throw new TypeError('a loaded site cannot be changed');
};

/** Freezes a value and everything in it. Maps lose `set`, `delete` and `clear`, which freezing alone leaves. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    Object.assign(value, { set: refuse, delete: refuse, clear: refuse });
    for (const entry of value.values()) deepFreeze(entry);
  }
  Object.freeze(value);
  for (const child of Object.values(value)) deepFreeze(child);
  return value;
}
