import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifySigned } from '../../src/cloud/signed-document.ts';
import { type Authority, openAuthority } from '../../src/hub/identity/authority.ts';

const content = new TextEncoder().encode('a configuration');
let folder: string;
let authority: Authority;
let trusted: ReadonlyMap<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aisle-signed-'));
  authority = await openAuthority(join(folder, 'ours'), () => 1_800_000_000_000);
  trusted = new Map([[authority.signingKey.keyId, authority.signingKey.publicKeyPem]]);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a signed document', () => {
  it('of the authority is believed, byte for byte', () => {
    expect(verifySigned(authority.signDocument(content), trusted)).toEqual({ ok: true, value: content });
  });

  it.each<[string, () => Parameters<typeof verifySigned>[0], string]>([
    [
      'with a changed byte',
      () => ({
        ...authority.signDocument(content),
        content: content.map((byte, at) => (at === 3 ? byte ^ 1 : byte)),
      }),
      'invalid',
    ],
    [
      'without a signature',
      () => ({ ...authority.signDocument(content), signature: new Uint8Array() }),
      'invalid',
    ],
    [
      'by a key that is not known',
      () => ({ ...authority.signDocument(content), keyId: 'another' }),
      'not_found',
    ],
    [
      'by another key under a known name',
      () => {
        const { privateKey } = generateKeyPairSync('ed25519');
        return { ...authority.signDocument(content), signature: sign(null, content, privateKey) };
      },
      'invalid',
    ],
  ])('%s is refused', (_, made, code) => {
    expect(verifySigned(made(), trusted)).toMatchObject({ ok: false, error: { code } });
  });

  it('is refused when the trusted key is none', () => {
    const broken = new Map([[authority.signingKey.keyId, 'no key at all']]);
    expect(verifySigned(authority.signDocument(content), broken)).toMatchObject({ ok: false });
  });

  it('keeps the name of its key over restarts, and another key has another name', async () => {
    const again = await openAuthority(join(folder, 'ours'), () => 1_800_000_000_000);
    const other = await openAuthority(join(folder, 'other'), () => 1_800_000_000_000);
    expect(again.signingKey.keyId).toBe(authority.signingKey.keyId);
    expect(other.signingKey.keyId).not.toBe(authority.signingKey.keyId);
  });
});
