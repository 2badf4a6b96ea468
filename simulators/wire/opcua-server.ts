import { join } from 'node:path';
import type { DeviceProfile, ProfilePoint } from '../../src/config/profile-schema.ts';
import type { Faults } from '../faults.ts';
import { rawOf, type TrueValues } from './raw-value.ts';

/** A device whose points are nodes of an OPC UA server. */
export interface OpcuaUnit {
  readonly device: string;
  readonly profile: Pick<DeviceProfile, 'points' | 'opcua'>;
  /** `nsu=<uri>;...` of the object under which points with browse names are found; null: the Objects folder. */
  readonly root: string | null;
  readonly values: TrueValues;
  /** Node values of a golden frame, for points that nobody knows more about. */
  readonly background: Readonly<Record<string, unknown>>;
}

export interface OpcuaServer {
  stop(): Promise<void>;
}

type Library = typeof import('node-opcua');
type AddressSpace = NonNullable<InstanceType<Library['OPCUAServer']>['engine']['addressSpace']>;
type Parent = ReturnType<ReturnType<AddressSpace['getOwnNamespace']>['addObject']>;

const SAMPLING_MS = 100;

/** `nsu=<uri>;s=<name>` in its parts. */
function parseNode(node: string): { readonly uri: string; readonly id: string } {
  const at = node.indexOf(';');
  return { uri: node.slice('nsu='.length, at), id: node.slice(at + 1) };
}

const nameIn = (id: string) => id.slice(id.indexOf('=') + 1);

/** What a reader of the node is told now: the point's raw value and when it was measured, or why there is none. */
function readNode(library: Library, unit: OpcuaUnit, point: ProfilePoint, faults: Faults) {
  const { DataValue, StatusCodes, Variant } = library;
  const value = unit.values(point.key);
  const known = rawOf(point, value) ?? unit.background[point.node ?? point.browse ?? ''];
  // A PLC that has lost its controller: the server answers, and says that it knows nothing.
  if (known === undefined || known === null || faults.strikes(unit.device, 'silent'))
    return new DataValue({ statusCode: StatusCodes.BadNoCommunication });
  if (value === null) return new DataValue({ statusCode: StatusCodes.BadSensorFailure });
  return new DataValue({
    value: new Variant({ dataType: dataTypeOf(library, known), value: known }),
    sourceTimestamp: library.getCurrentClock().timestamp,
  });
}

function dataTypeOf({ DataType }: Library, value: unknown) {
  if (typeof value === 'boolean') return DataType.Boolean;
  return typeof value === 'string' ? DataType.String : DataType.Double;
}

/** Gives each object of the address space to whoever asks, and makes it for the first. */
function createFolders() {
  const objects = new Map<string, Parent>();
  return (key: string, make: () => Parent): Parent => {
    const known = objects.get(key) ?? make();
    objects.set(key, known);
    return known;
  };
}

type Folders = ReturnType<typeof createFolders>;

/** The object that a point hangs below, and under which name and node id. */
function placeOf(addressSpace: AddressSpace, folders: Folders, unit: OpcuaUnit, point: ProfilePoint) {
  const objectsFolder = addressSpace.rootFolder.objects;
  if (point.node !== undefined) {
    const { uri, id } = parseNode(point.node);
    const namespace = addressSpace.registerNamespace(uri);
    const parent = folders(uri, () =>
      namespace.addObject({ organizedBy: objectsFolder, browseName: unit.device }),
    );
    return { namespace, parent, browseName: nameIn(id), nodeId: id };
  }
  const namespace = addressSpace.registerNamespace(
    unit.profile.opcua?.namespace ?? `urn:aisle:${unit.device}`,
  );
  const names = point.browse!.split('/');
  let parent: Parent | null = null;
  let path = unit.device;
  if (unit.root !== null) {
    const { uri, id } = parseNode(unit.root);
    parent = folders(unit.root, () =>
      addressSpace
        .registerNamespace(uri)
        .addObject({ organizedBy: objectsFolder, browseName: unit.device, nodeId: id }),
    );
  }
  for (const browseName of names.slice(0, -1)) {
    path += `/${browseName}`;
    const above: Parent | null = parent;
    const id = path;
    parent = folders(path, () =>
      namespace.addObject({
        // An id of its own: the one that the stack would make up belongs to the namespace of the object above.
        nodeId: `s=${id}`,
        browseName,
        ...(above ? { componentOf: above } : { organizedBy: objectsFolder }),
      }),
    );
  }
  return { namespace, parent, browseName: names.at(-1)!, nodeId: `s=${path}/${names.at(-1)}` };
}

function addNodes(
  library: Library,
  server: InstanceType<Library['OPCUAServer']>,
  unit: OpcuaUnit,
  folders: Folders,
  faults: Faults,
) {
  const addressSpace = server.engine.addressSpace!;
  for (const point of unit.profile.points) {
    if (point.node === undefined && point.browse === undefined) continue;
    const { namespace, parent, browseName, nodeId } = placeOf(addressSpace, folders, unit, point);
    const raw = rawOf(point, unit.values(point.key)) ?? unit.background[point.node ?? point.browse ?? ''];
    namespace.addVariable({
      ...(parent ? { componentOf: parent } : { organizedBy: addressSpace.rootFolder.objects }),
      nodeId,
      browseName,
      dataType: dataTypeOf(library, raw),
      minimumSamplingInterval: SAMPLING_MS,
      value: { timestamped_get: () => readNode(library, unit, point, faults) },
    });
  }
}

export interface OpcuaServerOptions {
  readonly endpointUrl: string;
  readonly units: readonly OpcuaUnit[];
  /** Private to this process. */
  readonly pkiFolder: string;
  /** Offers signed and encrypted channels as well, to any certificate, and takes any name and password. */
  readonly secure: boolean;
  readonly faults: Faults;
}

function securityOf({ MessageSecurityMode, SecurityPolicy }: Library, secure: boolean) {
  const { None, Sign, SignAndEncrypt } = MessageSecurityMode;
  const { Basic256Sha256, Aes128_Sha256_RsaOaep, Aes256_Sha256_RsaPss } = SecurityPolicy;
  if (!secure) return { securityModes: [None], securityPolicies: [SecurityPolicy.None] };
  return {
    securityModes: [None, Sign, SignAndEncrypt],
    securityPolicies: [SecurityPolicy.None, Basic256Sha256, Aes128_Sha256_RsaOaep, Aes256_Sha256_RsaPss],
    userManager: { isValidUser: () => true },
  };
}

async function startOnce(library: Library, endpoint: URL, options: OpcuaServerOptions) {
  const { units, pkiFolder, secure, faults } = options;
  const certificates = (folder: string) =>
    new library.OPCUACertificateManager({
      rootFolder: join(pkiFolder, folder),
      automaticallyAcceptUnknownCertificate: secure,
    });
  const server = new library.OPCUAServer({
    port: Number(endpoint.port || 4840),
    hostname: endpoint.hostname,
    host: endpoint.hostname,
    resourcePath: endpoint.pathname === '/' ? '' : endpoint.pathname,
    ...securityOf(library, secure),
    allowAnonymous: true,
    serverCertificateManager: certificates('server'),
    userCertificateManager: certificates('users'),
    buildInfo: { productName: 'Aisle simulated plant' },
  });
  await server.initialize();
  const folders = createFolders();
  for (const unit of units) addNodes(library, server, unit, folders, faults);
  try {
    await server.start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`OPC UA simulator cannot listen on ${endpoint.host}: ${reason}`);
  }
  return server;
}

/**
 * Serves all units of one endpoint. A silent unit's nodes turn to BadNoCommunication; when every unit is stopped the
 * server goes away.
 */
export async function startOpcuaServer(options: OpcuaServerOptions): Promise<OpcuaServer> {
  const { endpointUrl, units, faults } = options;
  const library = await import('node-opcua');
  // `opc.tcp:` is no scheme that URL would split into host and port.
  const endpoint = new URL(endpointUrl.replace(/^opc\.tcp:/, 'http:'));
  const start = () => startOnce(library, endpoint, options);
  let server: Awaited<ReturnType<typeof start>> | null = await start();
  let changing: Promise<void> = Promise.resolve();
  const follow = async () => {
    const wanted = !units.every(({ device }) => faults.isOn(device, 'stopped'));
    if (wanted && !server) server = await start();
    if (wanted || !server) return;
    const closing = server;
    server = null;
    await closing.shutdown(0);
  };
  faults.onChange(({ device, fault }) => {
    // A port that somebody took meanwhile leaves the units stopped, as a real one would.
    if (fault === 'stopped' && units.some(unit => unit.device === device))
      changing = changing.then(follow).catch(() => {});
  });
  return {
    async stop() {
      await changing;
      await server?.shutdown(0);
      server = null;
    },
  };
}
