import { createHash } from 'node:crypto';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { createRandom } from '../../../simulators/world/random.ts';
import { type Authority, openAuthority } from '../../hub/identity/authority.ts';
import type { Clock } from '../../shared/clock.ts';
import { createCounters } from '../../shared/counters.ts';
import { gs1CheckDigit } from '../../shared/gtin.ts';
import { type Log, silentLog } from '../../shared/log.ts';
import { newP256Key } from '../../shared/p256-key.ts';
import { packageVersion } from '../../shared/package-root.ts';
import type { Environment, Running } from '../environment.ts';
import { createSimulatedGateway, type SimulatedGateway } from './simulated-gateway.ts';

export interface FleetCommand {
  readonly gateways: number;
  /** host:port of the hub. */
  readonly cloud: string;
  /** Folder of the chain's authority, which gives every gateway its certificate; null for a hub without certificates. */
  readonly authority: string | null;
  /** Every configuration makes one store of so many sick; null for none. */
  readonly defect: number | null;
  readonly seed: number;
  readonly json: boolean;
}

/** How a simulated fleet stands. */
export interface FleetView {
  readonly gateways: number;
  readonly connected: number;
  /** Stores by the version of the configuration in force; 0 is their own files. */
  readonly versions: Readonly<Record<string, number>>;
  /** Stores that ever had a configuration put in force. */
  readonly reached: number;
  /** Of these, stores that it made sick. */
  readonly hit: number;
  readonly residentMegabytes: number;
}

const REPORT_MS = 10_000;
/** Gateways that may be on their way at once at the start, so that a thousand handshakes are no storm. */
const CONNECTING = 20;
const LOOK_MS = 50;

/** Connects many simulated gateways to a hub and tells how they stand until it is stopped. */
export async function runFleet(
  command: FleetCommand,
  { clock, log, print }: Pick<Environment, 'clock' | 'log' | 'print'>,
): Promise<Running & { view(): FleetView }> {
  const fleet = await createFleet(command, clock, log);
  let started = 0;
  const starting = clock.every(LOOK_MS, () => {
    const connected = fleet.filter(({ gateway }) => gateway.isConnected()).length;
    for (let room = CONNECTING - (started - connected); room > 0 && started < fleet.length; room--) {
      void fleet[started]!.gateway.start();
      started += 1;
    }
    if (started === fleet.length) starting.cancel();
  });
  const view = () => viewOf(fleet);
  print(command.json ? JSON.stringify(view()) : `${fleet.length} gateways call ${command.cloud}`);
  const report = clock.every(REPORT_MS, () => print(command.json ? JSON.stringify(view()) : lineOf(view())));
  return {
    view,
    async stop() {
      report.cancel();
      starting.cancel();
      await Promise.all(fleet.map(({ gateway }) => gateway.stop()));
    },
  };
}

interface Member {
  readonly gateway: SimulatedGateway;
  readonly hasDefect: boolean;
}

async function createFleet(
  { gateways, cloud, authority: folder, defect, seed }: FleetCommand,
  clock: Clock,
  log: Log,
): Promise<readonly Member[]> {
  const authority = folder === null ? null : await openAuthority(folder, clock.nowMs);
  const admit = createAdmission(authority);
  const signingKeys = authority
    ? new Map([[authority.signingKey.keyId, authority.signingKey.publicKeyPem]])
    : null;
  const common = {
    address: cloud,
    signingKeys,
    version: packageVersion(),
    clock,
    counters: createCounters(),
  };
  const members: Member[] = [];
  for (let index = 0; index < gateways; index++) {
    const gln = glnOf(index);
    const hasDefect = defect !== null && drawOf(seed, gln) % defect === 0;
    const gateway = createSimulatedGateway({
      ...common,
      gln,
      credentials: await admit(gln),
      defect: hasDefect ? 'found' : null,
      random: createRandom(drawOf(seed, `${gln} life`)).next,
      // A thousand links that come and go would say so a thousand times; only what is wrong is worth a line.
      log: index === 0 ? log : silentLog,
    });
    members.push({ gateway, hasDefect });
  }
  return members;
}

/** The certificates of a fleet. One key for all of them: it is the certificate that names the store. */
function createAdmission(authority: Authority | null): (gln: string) => Promise<() => ChannelCredentials> {
  if (!authority) return async () => () => credentials.createInsecure();
  const key = newP256Key();
  const [root, privateKey] = [Buffer.from(authority.rootPem), Buffer.from(key.privatePem)];
  return async gln => {
    const { certificatePem } = await authority.certify({ kind: 'store', gln }, key.publicPem);
    const channel = credentials.createSsl(root, privateKey, Buffer.from(certificatePem));
    return () => channel;
  };
}

/** GLNs of stores that exist nowhere else. */
export function glnOf(index: number): string {
  const body = `952199${String(index).padStart(6, '0')}`;
  return body + gs1CheckDigit(body);
}

const drawOf = (seed: number, name: string) =>
  createHash('sha256').update(`${seed}\n${name}`).digest().readUInt32BE();

function viewOf(fleet: readonly Member[]): FleetView {
  const versions: Record<string, number> = {};
  for (const { gateway } of fleet) {
    const version = String(gateway.store.config().version);
    versions[version] = (versions[version] ?? 0) + 1;
  }
  const reached = fleet.filter(({ gateway }) => gateway.store.changes() > 0);
  return {
    gateways: fleet.length,
    connected: fleet.filter(({ gateway }) => gateway.isConnected()).length,
    versions,
    reached: reached.length,
    hit: reached.filter(({ hasDefect }) => hasDefect).length,
    residentMegabytes: Math.round(process.memoryUsage.rss() / 1024 / 1024),
  };
}

function lineOf({ gateways, connected, versions, reached, hit, residentMegabytes }: FleetView): string {
  const byVersion = Object.entries(versions).map(([version, stores]) =>
    version === '0' ? `${stores} with their own files` : `${stores} with version ${version}`,
  );
  const made = reached === 0 ? '' : `; ${reached} ever had a new one, ${hit} of them were made sick`;
  return `${connected} of ${gateways} connected; ${byVersion.join(', ')}${made}; ${residentMegabytes} MB`;
}
