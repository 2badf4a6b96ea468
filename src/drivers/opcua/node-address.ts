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
