import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { ServerCredentials } from '@grpc/grpc-js';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type CommandResult,
  CommandStatus,
  ConfigurationSchema,
  PriceListSchema,
  type SignedDocument,
} from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { Gateway } from '../../src/gateway.ts';
import { type Authority, openAuthority } from '../../src/hub/identity/authority.ts';
import { newP256Key } from '../../src/shared/p256-key.ts';
import type { ColdUnitView, ConfigurationView, LabelView, StockView } from '../../src/store/views.ts';
import { type CloudStream, type ScriptedCloud, scriptedCloud } from '../cloud/scripted-cloud.ts';
import { getJson, postJson } from '../support/json-http.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { smallGateway } from '../support/small-gateway.ts';
import { waitFor } from '../support/wait-for.ts';

const GLN = '9521321000018';
const MILK = '09521321001039';
let folder: string;
let authority: Authority;
let cloud: ScriptedCloud;
let clock: ManualClock;
let gateway: Gateway;

/** One fridge, one item with a label, and a cloud to which only this store's certificate opens. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aisle-policies-'));
  clock = manualClock(Date.now());
  authority = await openAuthority(join(folder, 'authority'), clock.nowMs);
  const { keyFile, certificateFile } = await authority.serverIdentity(['localhost']);
  const [root, key, chain] = [authority.rootFile, keyFile, certificateFile].map(file => readFileSync(file));
  const credentials = ServerCredentials.createSsl(root!, [{ private_key: key!, cert_chain: chain! }], true);
  cloud = await scriptedCloud(stream => stream.welcome(0), 0, credentials);
  await enrolStore();
  writeFileSync(
    join(folder, 'site.yaml'),
    `schema: 1
store: { gln: "${GLN}", name: Test }
listen: { http: 0 }
mqtt: { port: 0 }
cloud: { address: "${cloud.address.replace('127.0.0.1', 'localhost')}" }
devices:
  - { id: freezer, profile: milesight-em300-th, bind: { unit: Freezer, temperatureClass: frozen } }
  - { id: label-1, profile: aisle-label }
`,
  );
  const items = `gtin,name,unitWeightGrams,price,temperatureClass\n${MILK},Milk,1000,1.19,chilled\n`;
  writeFileSync(join(folder, 'items.csv'), items);
  const columns = 'facing,fixture,shelf,position,gtin,capacity,minimum,plates,label';
  writeFileSync(join(folder, 'planogram.csv'), `${columns}\nA1-1,A,1,1,${MILK},10,2,,label-1\n`);
  gateway = smallGateway(folder, clock);
  await gateway.start();
});
afterAll(async () => {
  await gateway.stop(2_000);
  cloud.close();
  rmSync(folder, { recursive: true });
});

async function enrolStore(): Promise<void> {
  const key = newP256Key();
  const { certificatePem } = await authority.certify({ kind: 'store', gln: GLN }, key.publicPem);
  const { keyId, publicKeyPem } = authority.signingKey;
  const at = join(folder, 'data', 'identity');
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'store.key'), key.privatePem);
  writeFileSync(join(at, 'store.pem'), certificatePem);
  writeFileSync(join(at, 'authority.pem'), authority.rootPem);
  writeFileSync(join(at, 'signing-keys.json'), JSON.stringify([[keyId, publicKeyPem]]));
}

const get = <T>(path: string) => getJson<T>(`http://127.0.0.1:${gateway.ports().http}/api/v1/${path}`);
const post = (path: string, body: object) =>
  postJson(`http://127.0.0.1:${gateway.ports().http}/api/v1/${path}`, body);
const promised = async () => (await get<StockView>(`stock/${MILK}`)).availableToPromise;
const configuration = () => get<ConfigurationView>('configuration');
const stream = (): CloudStream => cloud.streams.at(-1)!;

/** Time goes by at the gateway, and what is due happens before the next step. */
async function pass(seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 5) {
    clock.advance(5_000);
    for (let turns = 0; turns < 5; turns++) await turn();
  }
}

let commands = 0;
async function order(
  kind: 'applyConfiguration' | 'applyPriceList',
  document: SignedDocument,
): Promise<CommandResult> {
  const requestId = `order-${++commands}`;
  await waitFor('the link', () => stream()?.received.length > 0);
  stream().say({ case: 'command', value: { requestId, body: { case: kind, value: { document } } as never } });
  return waitFor('the answer', () =>
    stream()
      .received.flatMap(({ body }) =>
        body.case === 'commandResult' && body.value.requestId === requestId ? [body.value] : [],
      )
      .at(0),
  );
}

const signed = (
  version: number,
  policies: object,
  change: MessageInitShape<typeof ConfigurationSchema> = {},
) =>
  authority.signDocument(
    toBinary(
      ConfigurationSchema,
      create(ConfigurationSchema, {
        storeGln: GLN,
        version: BigInt(version),
        policiesJson: JSON.stringify(policies),
        confirmWithinSeconds: 10,
        ...change,
      }),
    ),
  );

/** The cloud has stored what it got, so that more comes. */
const acknowledge = () => stream().ack(stream().batches().at(-1)?.[1] ?? 0);

const told = () =>
  stream().received.flatMap(({ body }) =>
    body.case === 'events'
      ? body.value.events.flatMap(event =>
          event.body.case === 'configurationChange' ? [event.body.value] : [],
        )
      : [],
  );

test('policies of the cloud hold at once, and are kept when the store is well', async () => {
  await post('deliveries', { key: 'd-1', lines: [{ gtin: MILK, quantity: 10 }] });
  expect(await promised()).toBe(10);

  const result = await order('applyConfiguration', signed(1, { stock: { safetyStock: 3 } }));
  expect(result.status).toBe(CommandStatus.DONE);
  expect(await promised()).toBe(7);
  expect(await configuration()).toMatchObject({
    source: 'cloud',
    version: 1,
    confirmed: false,
    differences: [{ path: 'stock.safetyStock', files: '0', inForce: '3' }],
  });

  await pass(15);
  const { hash } = await waitFor('its confirmation', async () => {
    const view = await configuration();
    return view.confirmed && view;
  });
  await pass(15);
  const heartbeat = await waitFor('a heartbeat', () =>
    stream()
      .received.flatMap(({ body }) => (body.case === 'heartbeat' ? [body.value] : []))
      .at(-1),
  );
  expect(heartbeat).toMatchObject({
    health: { confirmed: true, errors: 0 },
    config: { version: 1n, effectiveHash: hash },
  });
});

test('what is forged, older, or of no sense is refused, and changes nothing', async () => {
  const forged = signed(2, { stock: { safetyStock: 9 } });
  forged.content[forged.content.length - 1]! ^= 1;
  for (const [document, words] of [
    [forged, /does not fit/],
    [signed(1, { stock: { safetyStock: 9 } }), /not newer than 1/],
    [signed(2, { stock: { safetyStock: 'many' } }), /stock.safetyStock is "many"/],
  ] as const) {
    const { status, failure } = await order('applyConfiguration', document);
    expect(status).toBe(CommandStatus.REFUSED);
    expect(failure?.message).toMatch(words);
  }
  expect(await promised()).toBe(7);
});

test('policies under which the store is worse off are taken back by the store itself', async () => {
  const device = await connectAsync(`mqtt://127.0.0.1:${gateway.ports().mqtt}`);
  // The uplink of a freezer at -18.5 degrees.
  const uplink = JSON.stringify({ fPort: 85, data: 'A2dH/wRonA==' });
  await device.publishAsync('application/1/device/freezer/event/up', uplink, { qos: 1 });
  await device.endAsync();
  await waitFor(
    'the temperature',
    async () => (await get<ColdUnitView[]>('cold'))[0]?.temperature?.value === -18.5,
  );
  await pass(5);

  // Nobody's freezer is that cold.
  const limits = { minCelsius: -60, maxCelsius: -40 };
  await order('applyConfiguration', signed(2, { stock: { safetyStock: 3 }, coldChain: { frozen: limits } }));
  expect((await get<ColdUnitView[]>('cold'))[0]?.maxCelsius).toBe(-40);

  await pass(15);
  const view = await waitFor('the way back', async () => {
    const now = await configuration();
    return now.version === 1 && now;
  });
  expect(view.wentBack).toEqual({
    fromVersion: 2,
    reason: '1 of 1 cold units are outside their limits since the change',
  });
  expect((await get<ColdUnitView[]>('cold'))[0]?.maxCelsius).toBe(-18);
  await waitFor('the cloud to hear of it', () => {
    acknowledge();
    return told().at(-1)?.reason === view.wentBack?.reason;
  });
  expect((await order('applyConfiguration', signed(2, {}))).failure?.message).toMatch(/not newer than 2/);
});

test('a signed price list is shown by labels, and is what heartbeats name', async () => {
  const list = create(PriceListSchema, {
    storeGln: GLN,
    version: 1n,
    listVersion: '2026-w02',
    prices: [{ gtin: MILK, priceMinor: 99n }],
  });
  const document = authority.signDocument(toBinary(PriceListSchema, list));
  expect((await order('applyPriceList', document)).status).toBe(CommandStatus.DONE);
  expect((await get<LabelView[]>('labels'))[0]).toMatchObject({ wantedMinor: 99 });
  expect(await configuration()).toMatchObject({ priceList: '2026-w02' });
  expect((await order('applyPriceList', document)).failure?.message).toMatch(/not newer than 1/);
});

test("an edit of site.yaml waits until the store's own files are put back in force", async () => {
  await gateway.stop(2_000);
  const file = join(folder, 'site.yaml');
  writeFileSync(file, `${readFileSync(file, 'utf8')}policies: { stock: { safetyStock: 5 } }\n`);
  gateway = smallGateway(folder, clock);
  await gateway.start();
  expect(await promised()).toBe(7);
  expect((await configuration()).differences).toEqual([
    { path: 'stock.safetyStock', files: '5', inForce: '3' },
  ]);

  await post('configuration/use-files', { key: 'back' });
  expect(await promised()).toBe(5);
  expect(await configuration()).toMatchObject({ source: 'files', version: 0, differences: [] });
});
