import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientSession, OPCUACertificateManager, OPCUAClient } from 'node-opcua';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ColdUnitView, FacingView } from '../../src/store/views.ts';
import { freePorts } from '../support/free-ports.ts';
import { waitFor } from '../support/wait-for.ts';
import { type WholeStore, wholeStore } from '../support/whole-store.ts';

const NAMESPACE = 'urn:aisle:store:9521321000018';
const folder = mkdtempSync(join(tmpdir(), 'aisle-building-'));
let store: WholeStore;
let client: OPCUAClient;
let session: ClientSession;

beforeAll(async () => {
  const [port] = (await freePorts(1)) as [number];
  store = await wholeStore(yaml => yaml.replace('listen:', `listen:\n  opcua: { port: ${port} }`));
  await store.simulator();
  await store.gateway();
  const clientCertificateManager = new OPCUACertificateManager({ rootFolder: join(folder, 'pki') });
  client = await waitFor(
    'the OPC UA server',
    async () => {
      const knocking = OPCUAClient.create({ clientCertificateManager, connectionStrategy: { maxRetry: 0 } });
      try {
        await knocking.connect(`opc.tcp://127.0.0.1:${port}`);
        return knocking;
      } catch {
        await knocking.disconnect();
        return null;
      }
    },
    60_000,
  );
  session = await client.createSession();
});

afterAll(async () => {
  await client?.disconnect();
  await store?.end();
  rmSync(folder, { recursive: true, force: true });
});

async function read(id: string): Promise<{ readonly good: boolean; readonly value: unknown }> {
  const index = (await session.readNamespaceArray()).indexOf(NAMESPACE);
  const answer = await session.read({ nodeId: `ns=${index};s=${id}`, attributeId: 13 });
  return { good: answer.statusCode.isGood(), value: answer.value?.value };
}

test("the building's own system reads the counts and the fridges of a running store", async () => {
  const facings = await store.get<FacingView[]>('facings');
  const { facing } = facings[0]!;
  await waitFor(
    'the same count',
    async () => {
      const { quantity } = (await store.get<FacingView[]>('facings')).find(each => each.facing === facing)!;
      return quantity > 0 && (await read(`facing/${facing}`)).value === quantity;
    },
    60_000,
  );
  const cold = await store.get<ColdUnitView[]>('cold');
  expect(cold.length).toBeGreaterThan(0);
  for (const { unit } of cold) {
    await waitFor(
      `the temperature of ${unit}`,
      async () => {
        const { good, value } = await read(`cold/${unit}/temperature`);
        return good && typeof value === 'number';
      },
      30_000,
    );
  }
}, 120_000);
