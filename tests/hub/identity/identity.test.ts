import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, type DescMethod } from '@bufbuild/protobuf';
import {
  type ChannelCredentials,
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InventoryService } from '../../../src/cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import { SyncService } from '../../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import { grpcMethod, grpcService } from '../../../src/cloud/grpc-service.ts';
import { enrol, openIdentity, renew } from '../../../src/cloud/identity.ts';
import { bind } from '../../../src/hub/bind.ts';
import { createHub, type Hub } from '../../../src/hub/hub.ts';
import { KNOWN_METHODS, refusal } from '../../../src/hub/identity/authorise.ts';
import { type Authority, type Holder, openAuthority } from '../../../src/hub/identity/authority.ts';
import { createToken } from '../../../src/hub/identity/enrolment-token.ts';
import { anybody, guardedService } from '../../../src/hub/identity/guarded-service.ts';
import { openPglite } from '../../../src/hub/pglite-database.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { createCounters } from '../../../src/shared/counters.ts';
import { silentLog } from '../../../src/shared/log.ts';
import { servicesOfContract } from '../../support/services.ts';

const A = '9521321000018';
const B = '9521321000025';
const HOUR_MS = 3_600_000;
const clock = systemClock();
const METHODS = (await servicesOfContract()).flatMap(service => service.methods);
const nameOf = ({ parent, name }: DescMethod) => `${parent.typeName}/${name}`;

let folder: string;
let authority: Authority;
let hub: Hub;
let database: Awaited<ReturnType<typeof openPglite>>;
const revoked = new Set<string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aisle-identity-'));
  authority = await openAuthority(join(folder, 'authority'), clock.nowMs);
  database = await openPglite(null);
  hub = createHub({
    database,
    host: '127.0.0.1',
    port: 0,
    security: {
      kind: 'certificates',
      authority,
      hosts: ['localhost', '127.0.0.1'],
      enrolPort: 0,
      isRevoked: serial => revoked.has(serial),
    },
    clock,
    log: silentLog,
  });
  await hub.start();
}, 60_000);
afterAll(async () => {
  await hub.stop(1000);
  await database.close();
  rmSync(folder, { recursive: true });
});

const token = (store: string, forMs = HOUR_MS) => createToken(authority, store, clock.nowMs() + forMs);
const enrolAs = async (name: string, store: string, by = token(store)) => {
  const at = join(folder, name);
  const address = `localhost:${hub.enrolPort()}`;
  await enrol(at, { address, storeGln: store, token: by, authorityPem: authority.rootPem }, clock);
  return at;
};
const identityOf = (at: string) => {
  const identity = openIdentity(at);
  if (!identity) throw new Error(`${at} holds no identity`);
  return identity;
};

/** Calls a method of any kind and returns the status that it ends with. */
const call = async (...args: Parameters<typeof outcome>): Promise<status> =>
  (await outcome(...args))?.code ?? status.OK;

/** The error that a call ends with; null when it went well. */
function outcome(
  channel: ChannelCredentials,
  method: DescMethod,
  request: Record<string, unknown>,
  port = hub.port,
): Promise<Partial<ServiceError> | null> {
  const client = new Client(`localhost:${port}`, channel);
  const { path, requestSerialize, responseDeserialize, requestStream, responseStream } = grpcMethod(method);
  const options = { deadline: clock.nowMs() + 10_000 };
  const message = create(method.input, request);
  return new Promise<Partial<ServiceError> | null>(resolve => {
    const ended = (error: Partial<ServiceError> | null) => resolve(error);
    if (requestStream) {
      const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, options);
      stream.on('error', ended);
      stream.on('data', () => stream.cancel());
      stream.write(message);
    } else if (responseStream) {
      const stream = client.makeServerStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        options,
      );
      stream.on('error', ended);
      stream.on('end', () => ended(null));
      stream.on('data', () => stream.cancel());
    } else {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, message, options, ended);
    }
  }).finally(() => client.close());
}

const about = (method: DescMethod, storeGln: string): Record<string, unknown> =>
  method.parent === SyncService
    ? { body: { case: 'hello', value: { storeGln, epoch: 'e1' } } }
    : { storeGln };

describe('who may do what', () => {
  it('is decided for every method that the contract has', () => {
    const decided = METHODS.map(nameOf).filter(name => name !== 'aisle.enrolment.v1.EnrolmentService/Enrol');
    expect(KNOWN_METHODS.toSorted()).toEqual(decided.toSorted());
  });

  const holders: Holder[] = [
    { kind: 'store', gln: A },
    { kind: 'shop', name: 'web' },
    { kind: 'operator', name: 'desk' },
  ];
  it.each(METHODS.map(nameOf))('%s is not for a store that speaks of another', method => {
    if (!method.endsWith('/Renew')) expect(refusal(holders[0]!, { method, store: B })).not.toBeNull();
    expect(refusal(null, { method, store: A })).not.toBeNull();
  });
  it('a method that nobody decided about is for nobody', () => {
    for (const holder of holders) {
      expect(refusal(holder, { method: 'aisle.inventory.v1.InventoryService/New', store: A })).not.toBeNull();
    }
  });
});

describe('a store with a certificate', () => {
  it('is what it says it is, and its key is for its own eyes', async () => {
    const at = await enrolAs('a', A);
    expect(statSync(join(at, 'store.key')).mode & 0o777).toBe(0o600);
    const channel = identityOf(at).credentials();
    const sync = SyncService.method.sync;
    expect(await call(channel, sync, about(sync, A))).toBe(status.CANCELLED);
  });

  it.each(METHODS)('is refused when it speaks for another store: $parent.typeName $name', async method => {
    if (method.name === 'Renew') return;
    const channel = identityOf(await enrolAs(`a-${method.name}`, A)).credentials();
    const error = await outcome(channel, method, about(method, B));
    expect([status.PERMISSION_DENIED, status.UNIMPLEMENTED]).toContain(error?.code);
    // google.rpc.Status with its details; only what no code of the hub has seen comes without.
    const details = error?.metadata?.get('grpc-status-details-bin') ?? [];
    if (error?.code === status.PERMISSION_DENIED)
      expect(String(details[0])).toContain('google.rpc.ErrorInfo');
  });

  it('is refused everything from the moment its certificate is withdrawn', async () => {
    const at = await enrolAs('withdrawn', A);
    const channel = identityOf(at).credentials();
    revoked.add(new X509Certificate(readFileSync(join(at, 'store.pem'))).serialNumber);
    const sync = SyncService.method.sync;
    expect(await call(channel, sync, about(sync, A))).toBe(status.PERMISSION_DENIED);
  });

  it('gets a new certificate for the old one, and the next connection uses it', async () => {
    const at = await enrolAs('renewing', A);
    const identity = identityOf(at);
    const before = identity.credentials();
    await renew(at, identity, { address: `localhost:${hub.port}`, storeGln: A }, clock);
    const after = identity.credentials();
    expect(after).not.toBe(before);
    const sync = SyncService.method.sync;
    expect(await call(after, sync, about(sync, A))).toBe(status.CANCELLED);
  });
});

describe('a call of the contract that a server does not serve', () => {
  it.each([InventoryService.method.watchChanges, InventoryService.method.listQuarantined])(
    'is answered as such, and the server goes on: $name',
    async method => {
      const server = new Server();
      const guard = { identify: anybody, counters: createCounters() };
      server.addService(grpcService(InventoryService), guardedService(InventoryService, {}, guard));
      const port = await bind(server, '127.0.0.1', 0, ServerCredentials.createInsecure());
      for (const again of [method, method]) {
        expect(await call(credentials.createInsecure(), again, {}, port)).toBe(status.UNIMPLEMENTED);
      }
      server.forceShutdown();
    },
  );
});

describe('without a certificate of the authority', () => {
  const sync = SyncService.method.sync;
  it('there is no connection', async () => {
    expect(await call(credentials.createInsecure(), sync, about(sync, A))).toBe(status.UNAVAILABLE);
    const curious = credentials.createSsl(Buffer.from(authority.rootPem));
    expect(await call(curious, sync, about(sync, A))).toBe(status.UNAVAILABLE);
  });

  it('another authority does not help', async () => {
    const other = await openAuthority(join(folder, 'other'), clock.nowMs);
    const at = await enrolAs('forged', A);
    const key = join(folder, 'other', 'root.key');
    const forged = await other.certify({ kind: 'store', gln: A }, readFileSync(`${key}.pub`, 'utf8'));
    writeFileSync(join(at, 'store.pem'), forged.certificatePem);
    writeFileSync(join(at, 'store.key'), readFileSync(key));
    expect(await call(identityOf(at).credentials(), sync, about(sync, A))).toBe(status.UNAVAILABLE);
  });
});

describe('a token', () => {
  it('is good once', async () => {
    const once = token(A);
    await enrolAs('first', A, once);
    await expect(enrolAs('second', A, once)).rejects.toThrow(/used before/);
  });
  it.each([
    ['for another store', () => token(B), /for store 9521321000025/],
    ['that has expired', () => token(A, -1), /expired/],
    ['that is not ours', () => `${token(A).split('.')[0]}.AAAA`, /not one of this hub/],
    ['that is rubbish', () => 'rubbish', /not one of this hub/],
  ])('%s gives nothing', async (_, made, words) => {
    await expect(enrolAs('never', A, made())).rejects.toThrow(words);
  });
});
