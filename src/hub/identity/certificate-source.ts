import { readFileSync } from 'node:fs';
import type { experimental } from '@grpc/grpc-js';

/** Hands a server its certificate, and each later one to connections that are made from then on. */
export interface CertificateSource extends experimental.CertificateProvider {
  /** The files have changed. */
  refresh(): void;
}

interface CertificateFiles {
  readonly keyFile: string;
  readonly certificateFile: string;
  readonly rootFile: string;
}

export function createCertificateSource({
  keyFile,
  certificateFile,
  rootFile,
}: CertificateFiles): CertificateSource {
  const forRoot = new Set<experimental.CaCertificateUpdateListener>();
  const forIdentity = new Set<experimental.IdentityCertificateUpdateListener>();
  const root = () => ({ caCertificate: readFileSync(rootFile) });
  const identity = () => ({ certificate: readFileSync(certificateFile), privateKey: readFileSync(keyFile) });
  return {
    addCaCertificateListener(listener) {
      forRoot.add(listener);
      // Not in this turn: the server is still being made.
      queueMicrotask(() => listener(root()));
    },
    removeCaCertificateListener: listener => void forRoot.delete(listener),
    addIdentityCertificateListener(listener) {
      forIdentity.add(listener);
      queueMicrotask(() => listener(identity()));
    },
    removeIdentityCertificateListener: listener => void forIdentity.delete(listener),
    refresh() {
      for (const listener of forIdentity) listener(identity());
    },
  };
}
