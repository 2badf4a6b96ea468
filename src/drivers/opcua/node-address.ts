/**
 * The id of a node within one session: `nsu=<namespace URI>;s=...` becomes `ns=<index>;s=...`. Indices may
 * change whenever the server restarts, so this is asked anew on each connection (OPC 10000-6, 5.3.1.10).
 * Null when the server does not have the namespace or the address is none.
 */
export function resolveNode(node: string, namespaces: readonly string[]): string | null {
  const parts = /^nsu=([^;]+);([sigb]=.+)$/.exec(node);
  const index = parts ? namespaces.indexOf(parts[1]!) : -1;
  return parts && index >= 0 ? `ns=${index};${parts[2]}` : null;
}

/** Where a browse path starts when the address names no object: the Objects folder (OPC 10000-6, annex A.1). */
export const OBJECTS_FOLDER = 'ns=0;i=85';

/**
 * A profile's browse path (`CurrentWeight/Gross`) as qualified names of one namespace, in the text form of
 * OPC 10000-4, annex A.2. Null when the server does not have the namespace.
 */
export function resolvePath(path: string, namespace: string, namespaces: readonly string[]): string | null {
  const index = namespaces.indexOf(namespace);
  if (index < 0) return null;
  return path
    .split('/')
    .map(name => `/${index}:${name.replaceAll(/[&/.<>:#!]/g, mark => `&${mark}`)}`)
    .join('');
}
