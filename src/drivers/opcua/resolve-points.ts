import type { ClientSession } from 'node-opcua';
import type { Library } from './library.ts';
import { OBJECTS_FOLDER, resolveNode, resolvePath } from './node-address.ts';
import type { NodePoint, OpcuaDevice } from './opcua-device.ts';

/** One point of one device with the node that it has in this session; null while the server has none. */
export interface Target {
  readonly device: OpcuaDevice;
  readonly point: NodePoint;
  nodeId: string | null;
}

const NAMESPACE_ARRAY = 'ns=0;i=2255';
const VALUE_ATTRIBUTE = 13;
const PATHS_PER_CALL = 100;

/**
 * Gives each target without a node the one it has now, by node id or by browse path. What the server cannot have
 * stays null and holds up nobody. Rejects when the server does not answer.
 */
export async function resolveTargets(
  targets: readonly Target[],
  session: ClientSession,
  library: Library,
): Promise<void> {
  const homeless = targets.filter(({ nodeId }) => nodeId === null);
  if (homeless.length === 0) return;
  // The session's own copy of this list is as old as the session.
  const answer = await session.read({ nodeId: NAMESPACE_ARRAY, attributeId: VALUE_ATTRIBUTE });
  const namespaces: readonly string[] = Array.isArray(answer.value?.value) ? answer.value.value : [];
  const paths: { readonly target: Target; readonly start: string; readonly path: string }[] = [];
  for (const target of homeless) {
    const { node, browse } = target.point;
    if (node !== null) target.nodeId = resolveNode(node, namespaces);
    const { root } = target.device;
    const start = root === null ? OBJECTS_FOLDER : resolveNode(root, namespaces);
    const path = browse && resolvePath(browse.path, browse.namespace, namespaces);
    if (start && path) paths.push({ target, start, path });
  }
  for (let from = 0; from < paths.length; from += PATHS_PER_CALL) {
    const some = paths.slice(from, from + PATHS_PER_CALL);
    const results = await session.translateBrowsePath(
      some.map(({ start, path }) => library.makeBrowsePath(start, path)),
    );
    for (const [index, { target }] of some.entries()) {
      const found = results[index]?.targets?.[0]?.targetId;
      if (results[index]?.statusCode.isGood() && found) target.nodeId = found.toString();
    }
  }
}
