import { join } from 'node:path';
import type { Log } from '../../shared/log.ts';

export type Library = typeof import('node-opcua');
export type CertificateManager = InstanceType<Library['OPCUACertificateManager']>;

/** The OPC UA stack and the certificates of this process. */
export interface Stack {
  readonly library: Library;
  readonly certificates: CertificateManager;
}

/**
 * Loads node-opcua, which costs half a second and 100 MB, so only a site with OPC UA devices pays for it.
 * Its messages go to our debug log, its keys to `pkiFolder` and nowhere else.
 */
export async function loadStack(pkiFolder: string, log: Log): Promise<Stack> {
  const library = await import('node-opcua');
  const print = (...parts: unknown[]) => log.debug({ stack: parts.map(String).join(' ') }, 'OPC UA stack');
  library.setDebugLogger(print);
  library.setWarningLogger(print);
  library.setErrorLogger(print);
  const certificates = new library.OPCUACertificateManager({
    rootFolder: join(pkiFolder, 'opcua-client'),
    automaticallyAcceptUnknownCertificate: true,
  });
  await certificates.initialize();
  return { library, certificates };
}
