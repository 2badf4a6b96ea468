import { timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import {
  coerceLocalizedText,
  DataType,
  DataValue,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
  StatusCodes,
  setDebugLogger,
  setErrorLogger,
  setWarningLogger,
  type UAObject,
  Variant,
} from 'node-opcua';
import type {
  FromThread,
  NodeSpec,
  NodeValue,
  ServerSettings,
  ThreadData,
  ToThread,
} from './thread-messages.ts';

/**
 * The thread of the OPC UA server: nothing that a client asks of it takes time from the gateway. It knows the nodes
 * that it was given and the last value of each, and can change nothing.
 */

const SAMPLING_MS = 1_000;
const MODES = {
  none: [MessageSecurityMode.None],
  sign: [MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt],
  'sign-and-encrypt': [MessageSecurityMode.SignAndEncrypt],
} as const;
const POLICIES = [
  SecurityPolicy.Basic256Sha256,
  SecurityPolicy.Aes128_Sha256_RsaOaep,
  SecurityPolicy.Aes256_Sha256_RsaPss,
];

const values = new Map<string, NodeValue>();
const tell = (message: FromThread) => parentPort?.postMessage(message);

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function createServer(settings: ServerSettings): OPCUAServer {
  const { host, port, security, user, pkiFolder, maxSessions, version } = settings;
  return new OPCUAServer({
    port,
    host,
    hostname: host,
    securityModes: [...MODES[security]],
    securityPolicies: security === 'none' ? [SecurityPolicy.None] : POLICIES,
    allowAnonymous: user === null,
    userManager: {
      isValidUser: (name: string, password: string) =>
        user !== null && same(name, user.name) && same(password, user.password),
    },
    maxConnectionsPerEndpoint: maxSessions,
    serverCapabilities: { maxSessions, maxSubscriptionsPerSession: 10 },
    serverInfo: { applicationName: { text: 'Aisle', locale: 'en' } },
    buildInfo: { productName: 'Aisle', softwareVersion: version },
    serverCertificateManager: new OPCUACertificateManager({ rootFolder: join(pkiFolder, 'opcua-server') }),
    userCertificateManager: new OPCUACertificateManager({ rootFolder: join(pkiFolder, 'opcua-users') }),
  });
}

function addNodes(server: OPCUAServer, { settings, nodes }: ThreadData): void {
  const addressSpace = server.engine.addressSpace!;
  const namespace = addressSpace.registerNamespace(settings.namespace);
  const folders = new Map<string | null, UAObject>();
  for (const node of nodes) {
    const parent = folders.get(node.parent);
    const common = {
      nodeId: `s=${node.id}`,
      browseName: node.name,
      ...(node.about !== undefined && { description: coerceLocalizedText(node.about)! }),
    };
    if (node.type === undefined) {
      const place = parent ? { componentOf: parent } : { organizedBy: addressSpace.rootFolder.objects };
      folders.set(node.id, namespace.addObject({ ...common, ...place }));
    } else if (parent) {
      const dataType = DataType[node.type];
      namespace.addVariable({
        ...common,
        componentOf: parent,
        dataType,
        accessLevel: 'CurrentRead',
        userAccessLevel: 'CurrentRead',
        minimumSamplingInterval: SAMPLING_MS,
        value: { timestamped_get: () => dataValue(node, dataType) },
      });
    }
  }
}

function dataValue(node: NodeSpec, dataType: DataType): DataValue {
  const known = values.get(node.id);
  if (!known) return new DataValue({ statusCode: StatusCodes.BadWaitingForInitialData });
  const sourceTimestamp = known.timeMs === null ? null : new Date(known.timeMs);
  const statusCode = StatusCodes[known.status];
  return known.value === null
    ? new DataValue({ statusCode, sourceTimestamp })
    : new DataValue({ value: new Variant({ dataType, value: known.value }), statusCode, sourceTimestamp });
}

async function run(data: ThreadData): Promise<void> {
  const quiet = () => {};
  setDebugLogger(quiet);
  setWarningLogger(quiet);
  setErrorLogger(quiet);
  const server = createServer(data.settings);
  parentPort?.on('message', (message: ToThread) => {
    if (message.kind === 'values') for (const value of message.values) values.set(value.id, value);
    else void server.shutdown(0).finally(() => parentPort?.close());
  });
  await server.initialize();
  addNodes(server, data);
  await server.start();
  tell({ kind: 'ready', port: server.endpoints[0]?.port ?? data.settings.port });
}

run(workerData as ThreadData).catch((error: unknown) => {
  tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  parentPort?.close();
});
