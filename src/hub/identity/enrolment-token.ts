import { randomUUID, verify } from 'node:crypto';
import { parseGln } from '../../shared/gtin.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { Authority } from './authority.ts';

/** What a token says: for which store, until when, and its own name, by which it is used up. */
export interface TokenContent {
  readonly id: string;
  readonly store: string;
  readonly expiresMs: number;
}

/** A token needs no database to be made: it carries the authority's signature. */
export function createToken(authority: Authority, store: string, expiresMs: number): string {
  const content = Buffer.from(JSON.stringify({ id: randomUUID(), store, expiresMs })).toString('base64url');
  return `${content}.${authority.signText(`aisle-token ${content}`).toString('base64url')}`;
}

/** Whether it is real and still good. That it is used only once is for the caller to see to. */
export function readToken(token: string, signingKeyPem: string, nowMs: number): Result<TokenContent> {
  const [content = '', signature = ''] = token.split('.');
  const isReal = verify(
    null,
    Buffer.from(`aisle-token ${content}`),
    signingKeyPem,
    Buffer.from(signature, 'base64url'),
  );
  if (!isReal) return fail('invalid', 'the token is not one of this hub; ask its operator for another');
  const { id, store, expiresMs } = JSON.parse(Buffer.from(content, 'base64url').toString()) as TokenContent;
  if (!parseGln(store)) return fail('invalid', 'the token names no store; ask for another');
  if (expiresMs <= nowMs) return fail('expired', 'the token has expired; ask for another');
  return ok({ id, store, expiresMs });
}
