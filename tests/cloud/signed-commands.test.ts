import { generateKeyPairSync, sign } from 'node:crypto';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  ConfigurationSchema,
  PriceListSchema,
  type SignedDocument,
  SignedDocumentSchema,
} from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import { type Trust, toSignedDocument } from '../../src/cloud/signed-commands.ts';
import { readPolicies } from '../../src/config/policies.ts';

const US = '9521321000018';
const OTHER = '9521321000025';
const keyPair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
};
const ours = keyPair();
const next = keyPair();

const signed = (content: Uint8Array, keyId = 'ours', { privateKey } = ours): SignedDocument =>
  create(SignedDocumentSchema, { content, keyId, signature: sign(null, content, privateKey) });
const configuration = (change: MessageInitShape<typeof ConfigurationSchema> = {}) =>
  toBinary(
    ConfigurationSchema,
    create(ConfigurationSchema, { storeGln: US, version: 7n, policiesJson: '{}', ...change }),
  );
const priceList = (change: MessageInitShape<typeof PriceListSchema> = {}) =>
  toBinary(
    PriceListSchema,
    create(PriceListSchema, {
      storeGln: US,
      version: 7n,
      listVersion: '2026-w01',
      prices: [{ gtin: '9521320000019', priceMinor: 199n }],
      ...change,
    }),
  );
const policies = (policiesJson: string) => signed(configuration({ policiesJson }));

/** A store that trusts our key, and learns the next one when it asks. */
function store(change: Partial<Trust> = {}) {
  const keys = new Map([['ours', ours.pem]]);
  const trust: Trust = {
    storeGln: US,
    signingKeys: () => keys,
    learnKeys: async () => void keys.set('next', next.pem),
    readPolicies,
    ...change,
  };
  const ask = (kind: 'applyConfiguration' | 'applyPriceList') => (document?: SignedDocument) =>
    toSignedDocument(trust, 'r-1', { case: kind, value: { document } } as never);
  return { configure: ask('applyConfiguration'), prices: ask('applyPriceList') };
}

describe('a signed configuration', () => {
  it('becomes policies with every default, to be watched for ten minutes', async () => {
    const read = await store().configure(policies('{"stock":{"safetyStock":2}}'));
    expect(read).toMatchObject({
      ok: true,
      value: {
        type: 'configure',
        key: 'r-1',
        version: 7,
        rollback: false,
        policies: { stock: { safetyStock: 2 }, retainDays: 30, coldChain: { chilled: { maxCelsius: 5 } } },
        confirmWithinMs: 600_000,
      },
    });
  });

  it("as a rollback to version 0 asks for the store's own files", async () => {
    const back = signed(configuration({ version: 0n, rollback: true, policiesJson: '' }));
    expect(await store().configure(back)).toMatchObject({ ok: true, value: { version: 0, policies: null } });
  });

  it('by a key that is new is believed after the store has asked for the keys', async () => {
    const { configure } = store();
    expect(await configure(signed(configuration(), 'next', next))).toMatchObject({ ok: true });
  });

  const changed = policies('{}');
  changed.content[changed.content.length - 1]! ^= 1;
  it.each<[string, SignedDocument | undefined, string, RegExp]>([
    ['without a document', undefined, 'invalid', /no document/],
    ['by a key that nobody knows', signed(configuration(), 'stranger', next), 'not_found', /"stranger"/],
    [
      'by another key under our name',
      signed(configuration(), 'ours', next),
      'invalid',
      /signature .* does not fit/,
    ],
    ['with a changed byte', changed, 'invalid', /signature .* does not fit/],
    ['for another store', signed(configuration({ storeGln: OTHER })), 'invalid', /for store 9521321000025/],
    ['that is a price list', signed(priceList()), 'invalid', /no Configuration/],
    ['of rubbish', signed(new Uint8Array([255, 255, 255])), 'invalid', /no Configuration/],
    ['with broken JSON', policies('{"stock":'), 'invalid', /no JSON/],
    ['with an unknown field', policies('{"stok":{}}'), 'invalid', /unknown key "stok".*stock/],
    ['of a wrong type', policies('{"stock":{"safetyStock":"2"}}'), 'invalid', /stock\.safetyStock is "2"/],
    ['out of range', policies('{"retainDays":0}'), 'invalid', /retainDays is 0/],
    [
      'that no fridge can keep',
      policies('{"coldChain":{"chilled":{"minCelsius":6,"maxCelsius":2}}}'),
      'invalid',
      /not below/,
    ],
    ['of version 0 without rollback', signed(configuration({ version: 0n })), 'invalid', /own files/],
    [
      'with a watch of 5 seconds',
      signed(configuration({ confirmWithinSeconds: 5 })),
      'invalid',
      /10 to 3600/,
    ],
  ])('%s is refused', async (_, document, code, words) => {
    const read = await store().configure(document);
    expect(read).toMatchObject({ ok: false, error: { code, message: expect.stringMatching(words) } });
  });

  it('tells every mistake at once', async () => {
    const read = await store().configure(policies('{"stock":{"safetyStock":-1},"retainDays":0,"x":1}'));
    const message = read.ok ? '' : read.error.message;
    for (const place of ['stock.safetyStock', 'retainDays', '"x"']) expect(message).toContain(place);
  });

  it('means nothing to a store that was never enrolled', async () => {
    const read = await store({ signingKeys: null }).configure(policies('{}'));
    expect(read).toMatchObject({ ok: false, error: { code: 'unsupported' } });
  });

  it('may come again when the new keys could not be asked for', async () => {
    const away = store({ learnKeys: () => Promise.reject(new Error('the hub did not answer')) });
    const read = await away.configure(signed(configuration(), 'next', next));
    expect(read).toMatchObject({ ok: false, error: { code: 'comms', retry: true } });
  });
});

describe('a signed price list', () => {
  it('becomes a price list with its number', async () => {
    expect(await store().prices(signed(priceList({ rollback: true })))).toMatchObject({
      ok: true,
      value: {
        type: 'price_list',
        version: '2026-w01',
        prices: [{ gtin: '09521320000019', priceMinor: 199 }],
        signed: { version: 7, rollback: true },
      },
    });
  });

  it.each<[string, SignedDocument, RegExp]>([
    ['for another store', signed(priceList({ storeGln: OTHER })), /for store/],
    ['that is a configuration', signed(configuration()), /no PriceList|prices is empty/],
    ['without a number', signed(priceList({ version: 0n })), /counts from 1/],
    [
      'with a price below zero',
      signed(priceList({ prices: [{ gtin: '9521320000019', priceMinor: -1n }] })),
      /price_minor/,
    ],
  ])('%s is refused', async (_, document, words) => {
    const read = await store().prices(document);
    expect(read).toMatchObject({ ok: false, error: { message: expect.stringMatching(words) } });
  });
});
