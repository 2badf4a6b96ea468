import { join } from 'node:path';
import type { ProfilePoint } from '../../src/config/profile-schema.ts';
import type { Faults } from '../faults.ts';

/** A device whose points are nodes of an OPC UA server. */
export interface OpcuaUnit {
  readonly device: string;
  readonly points: readonly ProfilePoint[];
  readonly trueValue: (point: string) => number | boolean | null;
}

export interface OpcuaServer {
  stop(): Promise<void>;
}

type Library = typeof import('node-opcua');

const SAMPLING_MS = 100;

/** `nsu=<uri>;s=<name>` in its parts. */
function parseNode(node: string): { readonly uri: string; readonly id: string } {
  const at = node.indexOf(';');
  return { uri: node.slice('nsu='.length, at), id: node.slice(at + 1) };
}

function addNodes(
  library: Library,
  server: InstanceType<Library['OPCUAServer']>,
  unit: OpcuaUnit,
  faults: Faults,
) {
  const { DataType, StatusCodes, DataValue, Variant } = library;
  const addressSpace = server.engine.addressSpace!;
  const folders = new Map<string, ReturnType<ReturnType<typeof addressSpace.getOwnNamespace>['addFolder']>>();
  for (const point of unit.points) {
    if (point.node === undefined) continue;
    const { uri, id } = parseNode(point.node);
    const namespace = addressSpace.registerNamespace(uri);
    const folder =
      folders.get(uri) ?? namespace.addFolder(addressSpace.rootFolder.objects, { browseName: unit.device });
    folders.set(uri, folder);
    const dataType = typeof unit.trueValue(point.key) === 'boolean' ? DataType.Boolean : DataType.Double;
    const read = () => {
      const value = unit.trueValue(point.key);
      const raw = typeof value === 'number' ? (value - point.offset) / point.scale : value;
      // A PLC that has lost its controller: the server answers, and says that it knows nothing.
      const lost = raw === null || faults.isOn(unit.device, 'silent');
      return lost
        ? new DataValue({ statusCode: StatusCodes.BadNoCommunication })
        : new DataValue({
            value: new Variant({ dataType, value: raw }),
            sourceTimestamp: library.getCurrentClock().timestamp,
          });
    };
    namespace.addVariable({
      componentOf: folder,
      nodeId: id,
      browseName: id.slice(id.indexOf('=') + 1),
      dataType,
      minimumSamplingInterval: SAMPLING_MS,
      value: { timestamped_get: read },
    });
  }
}

async function startOnce(
  library: Library,
  endpoint: URL,
  units: readonly OpcuaUnit[],
  pkiFolder: string,
  faults: Faults,
) {
  const server = new library.OPCUAServer({
    port: Number(endpoint.port || 4840),
    hostname: endpoint.hostname,
    host: endpoint.hostname,
    resourcePath: endpoint.pathname === '/' ? '' : endpoint.pathname,
    securityModes: [library.MessageSecurityMode.None],
    securityPolicies: [library.SecurityPolicy.None],
    allowAnonymous: true,
    serverCertificateManager: new library.OPCUACertificateManager({ rootFolder: join(pkiFolder, 'server') }),
    userCertificateManager: new library.OPCUACertificateManager({ rootFolder: join(pkiFolder, 'users') }),
    buildInfo: { productName: 'Aisle simulated plant' },
  });
  await server.initialize();
  for (const unit of units) addNodes(library, server, unit, faults);
  try {
    await server.start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`OPC UA simulator cannot listen on ${endpoint.host}: ${reason}`);
  }
  return server;
}

/**
 * Serves all units of one endpoint, without security, for anonymous users. A silent unit's nodes turn to
 * BadNoCommunication; when every unit is stopped the server goes away. `pkiFolder` is private to this process.
 */
export async function startOpcuaServer(
  endpointUrl: string,
  units: readonly OpcuaUnit[],
  pkiFolder: string,
  faults: Faults,
): Promise<OpcuaServer> {
  const library = await import('node-opcua');
  // `opc.tcp:` is no scheme that URL would split into host and port.
  const endpoint = new URL(endpointUrl.replace(/^opc\.tcp:/, 'http:'));
  const start = () => startOnce(library, endpoint, units, pkiFolder, faults);
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
