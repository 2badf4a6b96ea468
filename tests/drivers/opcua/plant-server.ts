import { join } from 'node:path';
import {
  DataType,
  DataValue,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
  StatusCodes,
  Variant,
} from 'node-opcua';

export const PLANT = 'urn:test:plant';

/** A value of the plant: a number, a truth, or null when it has lost its controller. */
export type PlantValues = Record<string, number | boolean | null>;

export interface PlantServer {
  stop(): Promise<void>;
}

/** Serves each value as a string node of `PLANT`; extra namespaces before it move its index. */
export async function startPlant(
  port: number,
  pkiFolder: string,
  values: PlantValues,
  namespacesBefore: readonly string[] = [],
): Promise<PlantServer> {
  const server = new OPCUAServer({
    port,
    hostname: '127.0.0.1',
    host: '127.0.0.1',
    securityModes: [MessageSecurityMode.None],
    securityPolicies: [SecurityPolicy.None],
    serverCertificateManager: new OPCUACertificateManager({ rootFolder: join(pkiFolder, 'server') }),
    userCertificateManager: new OPCUACertificateManager({ rootFolder: join(pkiFolder, 'users') }),
  });
  await server.initialize();
  const addressSpace = server.engine.addressSpace!;
  for (const uri of namespacesBefore) addressSpace.registerNamespace(uri);
  const namespace = addressSpace.registerNamespace(PLANT);
  for (const name of Object.keys(values)) {
    const dataType = typeof values[name] === 'boolean' ? DataType.Boolean : DataType.Double;
    namespace.addVariable({
      organizedBy: addressSpace.rootFolder.objects,
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
  }
  await server.start();
  return { stop: () => server.shutdown(0) };
}
