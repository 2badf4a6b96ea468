import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAuthority } from '../hub/identity/authority.ts';
import { createToken } from '../hub/identity/enrolment-token.ts';
import { parseGln } from '../shared/gtin.ts';
import { newP256Key } from '../shared/p256-key.ts';
import type { Environment } from './environment.ts';

type Tools = Pick<Environment, 'clock' | 'print'>;

/** Prints a token with which the gateway of one store gets its certificate, once. */
export async function printToken(
  folder: string,
  gln: string,
  hours: number,
  { clock, print }: Tools,
): Promise<void> {
  const store = parseGln(gln);
  if (!store) throw new Error(`${gln} is not a GLN; give its 13 digits`);
  const authority = await openAuthority(folder, clock.nowMs);
  print(createToken(authority, store, clock.nowMs() + hours * 60 * 60_000));
}

/** Writes key and certificate for a shop system or an operator beside the authority. */
export async function issueHolder(
  folder: string,
  kind: 'shop' | 'operator',
  name: string,
  { clock, print }: Tools,
): Promise<void> {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name))
    throw new Error(`${name}: use lower-case letters, digits and hyphens`);
  const authority = await openAuthority(folder, clock.nowMs);
  const key = newP256Key();
  const { certificatePem } = await authority.certify({ kind, name }, key.publicPem);
  const file = join(folder, `${kind}-${name}`);
  writeFileSync(`${file}.key`, key.privatePem, { mode: 0o600 });
  writeFileSync(`${file}.pem`, certificatePem);
  print(`${file}.key and ${file}.pem, trusted with ${authority.rootFile}`);
}
