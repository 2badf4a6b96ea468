import {
  type ServerCredentials as Credentials,
  experimental,
  Server,
  ServerCredentials,
} from '@grpc/grpc-js';
import { EnrolmentService } from '../../cloud/gen/aisle/enrolment/v1/enrolment_pb.ts';
import { grpcService } from '../../cloud/grpc-service.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { bind } from '../bind.ts';
import type { HubDatabase } from '../database.ts';
import type { Authority } from './authority.ts';
import { type CertificateSource, createCertificateSource } from './certificate-source.ts';
import { createEnrolmentService } from './enrolment-service.ts';
import { anybody, byCertificate, type Identify } from './guarded-service.ts';

/** How the hub knows who calls. */
export type HubSecurity =
  /** Not at all: for one machine and for trying things. */
  | { readonly kind: 'open' }
  | {
      readonly kind: 'certificates';
      readonly authority: Authority;
      /** Names and addresses by which stores reach the hub. */
      readonly hosts: readonly string[];
      /** Where a gateway without a certificate gets one. */
      readonly enrolPort: number;
      readonly isRevoked: (serialNumber: string) => boolean;
    };

export interface SecurityPart {
  readonly identify: Identify;
  credentials(): Promise<Credentials>;
  /** The port of enrolment; null when there is none. */
  enrolPort(): number | null;
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface SecurityOptions {
  readonly security: HubSecurity;
  readonly database: HubDatabase;
  readonly host: string;
  readonly clock: Clock;
  readonly log: Log;
}

const DAY_MS = 24 * 60 * 60_000;

export function createSecurity({ security, database, host, clock, log }: SecurityOptions): SecurityPart {
  if (security.kind === 'open') {
    return {
      identify: anybody,
      credentials: async () => ServerCredentials.createInsecure(),
      enrolPort: () => null,
      start: async () => {},
      stop: async () => {},
    };
  }
  const { authority, hosts, enrolPort, isRevoked } = security;
  const server = new Server();
  let port: number | null = null;
  let renewal: Timer | null = null;
  const sources = new Set<CertificateSource>();
  const credentialsFor = async (asksForCertificate: boolean) => {
    const files = await authority.serverIdentity(hosts);
    const source = createCertificateSource({ ...files, rootFile: authority.rootFile });
    sources.add(source);
    return experimental.createCertificateProviderServerCredentials(source, source, asksForCertificate);
  };
  const renewOwn = async () => {
    await authority.serverIdentity(hosts);
    for (const source of sources) source.refresh();
  };
  server.addService(
    grpcService(EnrolmentService),
    createEnrolmentService({ database, authority, clock, log }),
  );
  return {
    identify: byCertificate(isRevoked),
    credentials: () => credentialsFor(true),
    enrolPort: () => port,
    async start() {
      port = await bind(server, host, enrolPort, await credentialsFor(false));
      renewal = clock.every(DAY_MS, () => {
        renewOwn().catch(error => log.error({ error: String(error) }, 'the own certificate was not renewed'));
      });
    },
    async stop() {
      renewal?.cancel();
      server.forceShutdown();
    },
  };
}
