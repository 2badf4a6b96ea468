import { join } from 'node:path';
import type { Log } from '../../shared/log.ts';

export type Library = typeof import('node-opcua');
export type CertificateManager = InstanceType<Library['OPCUACertificateManager']>;

/** The OPC UA stack and the certificates of this process. */
export interface Stack {
  readonly library: Library;
  readonly certificates: CertificateManager;
  /** Holds our certificate (`own`), the servers that we trust (`trusted`) and those we met (`rejected`). */
  readonly clientFolder: string;
}

/**
 * Loads node-opcua, which costs half a second and 100 MB, so only a site with OPC UA devices pays for it.
 * Its messages go to our debug log, its keys to `pkiFolder` and nowhere else. A server's certificate is
 * believed when a person has put it among the trusted ones, never by itself.
 */
export async function loadStack(pkiFolder: string, log: Log): Promise<Stack> {
  const library = await import('node-opcua');
  const print = (...parts: unknown[]) => log.debug({ stack: parts.map(String).join(' ') }, 'OPC UA stack');
  library.setDebugLogger(print);
  library.setWarningLogger(print);
  library.setErrorLogger(print);
  const clientFolder = join(pkiFolder, 'opcua-client');
  const certificates = new library.OPCUACertificateManager({
    rootFolder: clientFolder,
    automaticallyAcceptUnknownCertificate: false,
  });
  await certificates.initialize();
  return { library, certificates, clientFolder };
}
