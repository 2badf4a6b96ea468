import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AttributeIds,
  type ClientSession,
  DataType,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  SecurityPolicy,
  UserTokenType,
  type Variant,
} from 'node-opcua';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOpcuaServer, type OpcuaServer } from '../../src/opcua-server/opcua-server.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { silentLog } from '../../src/shared/log.ts';
import { FIRST } from '../api/api-fixture.ts';
import { LAYOUT_COLD } from '../dashboard/demo-layout.ts';
import { demoStore } from '../dashboard/demo-store.ts';
import { freePorts } from '../support/free-ports.ts';
import { manualClock } from '../support/manual-clock.ts';
import { waitFor } from '../support/wait-for.ts';

const NAMESPACE = 'urn:aisle:store:9521321000018';

describe('Aisle as an OPC UA server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-building-'));
  const store = demoStore(manualClock());
  const { gtin } = FIRST.item;
  let server: OpcuaServer;
  let port: number;
  let session: ClientSession;
  let ns: number;
  const certificates = new OPCUACertificateManager({
    rootFolder: join(folder, 'client'),
    automaticallyAcceptUnknownCertificate: true,
  });
  const pki = join(folder, 'pki', 'opcua-server');

  /** What a technician does when a new client has knocked. */
  function trustClients(): void {
    for (const name of readdirSync(join(pki, 'rejected'))) {
      renameSync(join(pki, 'rejected', name), join(pki, 'trusted', 'certs', name));
    }
  }
  const secure = {
    endpointMustExist: false,
    clientCertificateManager: certificates,
    securityMode: MessageSecurityMode.SignAndEncrypt,
    securityPolicy: SecurityPolicy.Basic256Sha256,
    connectionStrategy: { maxRetry: 0 },
  };
  let client: OPCUAClient;

  beforeAll(async () => {
    [port] = (await freePorts(1)) as [number];
    writeFileSync(join(folder, 'password'), 'a long word\n');
    server = createOpcuaServer({
      host: '127.0.0.1',
      port,
      security: 'sign-and-encrypt',
      user: { name: 'building', passwordFile: 'password' },
      siteFolder: folder,
      pkiFolder: join(folder, 'pki'),
      store: { gln: '9521321000018', name: 'Test store', timeZone: 'Europe/Berlin' },
      version: '1',
      clock: systemClock(),
      log: silentLog,
      random: () => 0.5,
      queries: store.queries,
      subscribe: store.subscribe,
    });
    await server.start();
    await waitFor('the server', () => server.health().state === 'ok', 30_000);
    client = await waitFor(
      'a trusted client',
      async () => {
        const knocking = OPCUAClient.create(secure);
        try {
          await knocking.connect(`opc.tcp://127.0.0.1:${port}`);
          return knocking;
        } catch {
          await knocking.disconnect();
          trustClients();
          return null;
        }
      },
      30_000,
    );
    session = await client.createSession({
      type: UserTokenType.UserName,
      userName: 'building',
      password: 'a long word',
    });
    ns = (await session.readNamespaceArray()).indexOf(NAMESPACE);
  }, 60_000);

  afterAll(async () => {
    await client.disconnect();
    await server.stop(5_000);
    rmSync(folder, { recursive: true, force: true });
  });

  const read = (id: string) => session.read({ nodeId: `ns=${ns};s=${id}`, attributeId: AttributeIds.Value });
  const current = async (id: string) => ((await read(id)).value as Variant | null)?.value as unknown;

  test('offers each facing’s count, and tells a change within two seconds', async () => {
    const before = (await current(`facing/${FIRST.facing}`)) as number;
    store.move(gtin, 'backroom', `shelf:${FIRST.facing}`, 3, { kind: 'document', key: 'refill' });
    const after = await waitFor('the refill', async () => {
      const now = (await current(`facing/${FIRST.facing}`)) as number;
      return now !== before && { count: now };
    });
    expect(after.count).toBe(before + 3);
  });

  test('offers cold units, each value with its quality', async () => {
    const id = `cold/${LAYOUT_COLD[0]!.unit}/temperature`;
    const { statusCode, value } = await read(id);
    const view = store.queries.coldUnits().find(({ unit }) => unit === LAYOUT_COLD[0]!.unit)!;
    if (view.temperature?.quality.level === 'good') {
      expect(statusCode.isGood()).toBe(true);
      expect(value.value).toBe(view.temperature.value);
    } else expect(statusCode.isBad()).toBe(true);
  });

  test('lets nobody write', async () => {
    const status = await session.write({
      nodeId: `ns=${ns};s=facing/${FIRST.facing}`,
      attributeId: AttributeIds.Value,
      value: { value: { dataType: DataType.Int32, value: 99 } },
    });
    expect(status.isGood()).toBe(false);
    expect(await current(`facing/${FIRST.facing}`)).not.toBe(99);
  });

  test('lets in nobody but its user', async () => {
    const stranger = OPCUAClient.create(secure);
    await stranger.connect(`opc.tcp://127.0.0.1:${port}`);
    const identity = { type: UserTokenType.UserName, userName: 'building', password: 'guess' } as const;
    await expect(stranger.createSession(identity)).rejects.toThrow(/BadUserAccessDenied|BadIdentityToken/);
    await expect(stranger.createSession()).rejects.toThrow();
    await stranger.disconnect();
  });

  test('that cannot have its port says so and leaves the store alone', async () => {
    const second = createOpcuaServer({
      host: '127.0.0.1',
      port,
      security: 'none',
      user: null,
      siteFolder: folder,
      pkiFolder: join(folder, 'pki'),
      store: { gln: '9521321000018', name: 'Test store', timeZone: 'Europe/Berlin' },
      version: '1',
      clock: systemClock(),
      log: silentLog,
      random: () => 0.5,
      queries: store.queries,
      subscribe: store.subscribe,
    });
    await second.start();
    const { detail } = await waitFor(
      'the failure',
      () => {
        const health = second.health();
        return health.state === 'failed' && health;
      },
      30_000,
    );
    expect(detail).toMatch(/port \d+ on 127\.0\.0\.1 is in use; .*listen\.opcua\.port/);
    await second.stop(5_000);
    expect(second.health().state).toBe('stopped');
  }, 40_000);
});
