import { join } from 'node:path';
import {
  DataType,
  DataValue,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
  StatusCodes,
  type UAVariable,
  Variant,
} from 'node-opcua';

export const PLANT = 'urn:test:plant';

/** A value of the plant: a number, a truth, or null when it has lost its controller. */
export type PlantValues = Record<string, number | boolean | null>;

export interface PlantServer {
  /** Takes a node out of the address space, as an engineer at the plant would. */
  remove(name: string): void;
  add(name: string): void;
  stop(): Promise<void>;
}

export interface PlantOptions {
  /** Extra namespaces before ours move its index. */
  readonly namespacesBefore?: readonly string[];
  /** Sign and encrypt only, clients trusted by hand; default: no security. */
  readonly isSecure?: boolean;
  readonly user?: { readonly name: string; readonly password: string };
  readonly without?: readonly string[];
}

/** Serves each value as a string node of `PLANT`, below the object `Room`. */
export async function startPlant(
  port: number,
  pkiFolder: string,
  values: PlantValues,
  { namespacesBefore = [], isSecure = false, user, without = [] }: PlantOptions = {},
): Promise<PlantServer> {
  const server = new OPCUAServer({
    port,
    hostname: '127.0.0.1',
    host: '127.0.0.1',
    securityModes: [isSecure ? MessageSecurityMode.SignAndEncrypt : MessageSecurityMode.None],
    securityPolicies: [isSecure ? SecurityPolicy.Basic256Sha256 : SecurityPolicy.None],
    allowAnonymous: user === undefined,
    userManager: {
      isValidUser: (name: string, password: string) => name === user?.name && password === user.password,
    },
    serverCertificateManager: new OPCUACertificateManager({
      rootFolder: join(pkiFolder, 'server'),
      automaticallyAcceptUnknownCertificate: true,
    }),
    userCertificateManager: new OPCUACertificateManager({ rootFolder: join(pkiFolder, 'users') }),
  });
  await server.initialize();
  const addressSpace = server.engine.addressSpace!;
  for (const uri of namespacesBefore) addressSpace.registerNamespace(uri);
  const namespace = addressSpace.registerNamespace(PLANT);
  const room = namespace.addObject({
    organizedBy: addressSpace.rootFolder.objects,
    nodeId: 's=Room',
    browseName: 'Room',
  });
  const nodes = new Map<string, UAVariable>();
  const add = (name: string) => {
    const dataType = typeof values[name] === 'boolean' ? DataType.Boolean : DataType.Double;
    const variable = namespace.addVariable({
      componentOf: room,
      nodeId: `s=${name}`,
      browseName: name,
      dataType,
      minimumSamplingInterval: 50,
      value: {
        timestamped_get: () => {
          const value = values[name] ?? null;
          return value === null
            ? new DataValue({ statusCode: StatusCodes.BadNoCommunication })
            : new DataValue({ value: new Variant({ dataType, value }), sourceTimestamp: new Date() });
        },
      },
    });
    nodes.set(name, variable);
  };
  for (const name of Object.keys(values)) if (!without.includes(name)) add(name);
  await server.start();
  return {
    add,
    remove(name) {
      addressSpace.deleteNode(nodes.get(name)!);
      nodes.delete(name);
    },
    stop: () => server.shutdown(0),
  };
}
