import type { ClientSession, EndpointDescription } from 'node-opcua';
import type { DeviceProfile } from '../../config/profile-schema.ts';
import type { OpcuaAddress } from '../../config/site.ts';
import { limits } from '../../shared/limits.ts';
import type { Log } from '../../shared/log.ts';
import { loadStack, type Stack } from './library.ts';
import { OBJECTS_FOLDER, resolveNode, resolvePath } from './node-address.ts';
import { clientOptions, explain, identityOf } from './secure-channel.ts';

/** A server as a technician sees it before it is a device. */
export interface BrowsedServer {
  /** Security that it offers, such as `sign-and-encrypt Basic256Sha256`. */
  readonly security: readonly string[];
  /** Why nothing more is known of it; null when all is. */
  readonly trouble: string | null;
  readonly namespaces: readonly string[];
  /** Variables below Objects with their value at this moment, at most `limits.opcuaBrowseNodes`. */
  readonly variables: readonly BrowsedVariable[];
  /** Whether there was more than fits. */
  readonly isCut: boolean;
  readonly candidates: readonly OpcuaCandidate[];
}

export interface BrowsedVariable {
  /** As a profile names it: `nsu=<namespace URI>;...`. */
  readonly node: string;
  /** Browse names from Objects on. */
  readonly path: string;
  readonly value: string;
}

export interface OpcuaCandidate {
  readonly profile: string;
  /** Object where the profile's browse paths start; null when its nodes have ids of their own. */
  readonly root: string | null;
  /** Points that the server has, of those of the profile. */
  readonly found: number;
  readonly points: number;
}

interface Visited {
  readonly nodeId: string;
  readonly path: string;
  readonly isVariable: boolean;
}

const SERVER_OBJECT = 'ns=0;i=2253';
const MODE_NAMES: Readonly<Record<number, string>> = { 1: 'none', 2: 'sign', 3: 'sign-and-encrypt' };
const BATCH = 200;
// OPC 10000-4, 7.2: NodeClass bits.
const OBJECTS_AND_VARIABLES = 1 | 2;
const VARIABLE = 2;

/**
 * Reads what a server offers: its security, its variables and the profiles that fit it. Writes nothing and calls
 * nothing. Throws one sentence when nobody answers.
 */
export async function browseServer(
  address: OpcuaAddress,
  profiles: readonly DeviceProfile[],
  { pkiFolder, log }: { readonly pkiFolder: string; readonly log: Log },
): Promise<BrowsedServer> {
  const stack = await loadStack(pkiFolder, log);
  const server = { ...address, siteFolder: '.' };
  const client = stack.library.OPCUAClient.create(clientOptions(server, stack));
  let security: readonly string[] | null = null;
  try {
    await client.connect(address.endpoint);
    security = (await client.getEndpoints()).map(offerOf);
    const session = await client.createSession(identityOf(server, stack));
    return { security, trouble: null, ...(await look(session, profiles, stack)) };
  } catch (error) {
    const trouble = explain(error, server, stack);
    if (security === null) throw new Error(trouble);
    return { security, trouble, namespaces: [], variables: [], isCut: false, candidates: [] };
  } finally {
    await client.disconnect().catch(() => {});
    await stack.certificates.dispose();
  }
}

/** One endpoint's security in our words. Anybody may ask for it, whatever it is. */
function offerOf({ securityMode, securityPolicyUri }: EndpointDescription): string {
  const mode = MODE_NAMES[securityMode] ?? String(securityMode);
  return mode === 'none' ? mode : `${mode} ${securityPolicyUri?.split('#')[1] ?? ''}`;
}

async function look(session: ClientSession, profiles: readonly DeviceProfile[], stack: Stack) {
  const namespaces = await session.readNamespaceArray();
  const { visited, isCut } = await walk(session, stack);
  const variables = await describe(session, visited, namespaces);
  const candidates = await candidatesFor(profiles, session, visited, namespaces, stack);
  return { namespaces, variables, isCut, candidates };
}

/** Breadth first below Objects, without the server's own node. */
async function walk(
  session: ClientSession,
  { library }: Stack,
): Promise<{ visited: readonly Visited[]; isCut: boolean }> {
  const visited: Visited[] = [];
  const seen = new Set([OBJECTS_FOLDER, SERVER_OBJECT]);
  let level: Visited[] = [{ nodeId: OBJECTS_FOLDER, path: '', isVariable: false }];
  while (level.length > 0) {
    const next: Visited[] = [];
    for (const parent of level) {
      const result = await library.browseAll(session, {
        nodeId: parent.nodeId,
        referenceTypeId: 'HierarchicalReferences',
        includeSubtypes: true,
        browseDirection: library.BrowseDirection.Forward,
        nodeClassMask: OBJECTS_AND_VARIABLES,
        resultMask: 63,
      });
      for (const { nodeId, browseName, nodeClass } of result.references ?? []) {
        const id = nodeId.toString();
        if (seen.has(id)) continue;
        if (visited.length >= limits.opcuaBrowseNodes) return { visited, isCut: true };
        seen.add(id);
        const path = parent.path === '' ? browseName.name! : `${parent.path}/${browseName.name}`;
        const node = { nodeId: id, path, isVariable: nodeClass === VARIABLE };
        visited.push(node);
        next.push(node);
      }
    }
    level = next;
  }
  return { visited, isCut: false };
}

async function describe(
  session: ClientSession,
  visited: readonly Visited[],
  namespaces: readonly string[],
): Promise<readonly BrowsedVariable[]> {
  const variables = visited.filter(({ isVariable }) => isVariable);
  const described: BrowsedVariable[] = [];
  for (let from = 0; from < variables.length; from += BATCH) {
    const some = variables.slice(from, from + BATCH);
    const values = await session.read(some.map(({ nodeId }) => ({ nodeId, attributeId: 13 })));
    for (const [index, { nodeId, path }] of some.entries()) {
      const { value, statusCode } = values[index]!;
      const raw: unknown = value?.value;
      const isScalar = ['number', 'boolean', 'string'].includes(typeof raw);
      const words = statusCode.isGood() ? (isScalar ? String(raw) : 'not a scalar') : statusCode.name;
      described.push({ node: portable(nodeId, namespaces), path, value: words.slice(0, 60) });
    }
  }
  return described;
}

/** `ns=2;s=Air` as `nsu=<namespace URI>;s=Air`, which holds beyond this session. */
function portable(nodeId: string, namespaces: readonly string[]): string {
  const [, index, id] = /^ns=(\d+);(.+)$/.exec(nodeId) ?? [];
  return `nsu=${namespaces[Number(index)] ?? ''};${id}`;
}

/** Profiles of which the server has at least half of the points; browse paths are tried below every object. */
async function candidatesFor(
  profiles: readonly DeviceProfile[],
  session: ClientSession,
  visited: readonly Visited[],
  namespaces: readonly string[],
  { library }: Stack,
): Promise<readonly OpcuaCandidate[]> {
  const known = new Set(visited.map(({ nodeId }) => nodeId));
  const objects = visited.filter(({ isVariable }) => !isVariable);
  const candidates: OpcuaCandidate[] = [];
  for (const { id: profile, opcua, points: all } of profiles) {
    const points = all.length;
    const byId = all.filter(({ node }) => {
      const nodeId = node === undefined ? null : resolveNode(node, namespaces);
      return nodeId !== null && known.has(nodeId);
    });
    if (byId.length * 2 >= points && points > 0) {
      candidates.push({ profile, root: null, found: byId.length, points });
    }
    const paths = all.flatMap(({ browse }) =>
      browse === undefined ? [] : (resolvePath(browse, opcua?.namespace ?? '', namespaces) ?? []),
    );
    if (paths.length === 0) continue;
    for (const { nodeId } of objects) {
      const results = await session.translateBrowsePath(
        paths.map(path => library.makeBrowsePath(nodeId, path)),
      );
      const found = results.filter(({ statusCode }) => statusCode.isGood()).length;
      if (found * 2 < points) continue;
      candidates.push({ profile, root: portable(nodeId, namespaces), found, points });
    }
  }
  return candidates.toSorted((a, b) => b.found / b.points - a.found / a.points);
}
