import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PushRequest } from '../../readings/push.ts';
import { fail, ok, type Result } from '../../shared/result.ts';

/** Whether a request shows the token of its device. The token itself is kept nowhere: only its digest. */
export type CheckToken = (request: PushRequest) => boolean;

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Reads a token from its file; a relative path starts at the site's folder. */
export function readToken(siteFolder: string, tokenFile: string): Result<CheckToken> {
  let token: string;
  try {
    token = readFileSync(resolve(siteFolder, tokenFile), 'utf8').trim();
  } catch (error) {
    const { code = 'it cannot be read' } = error as NodeJS.ErrnoException;
    return fail(
      'invalid',
      `the token file ${tokenFile} cannot be read (${code}); write the token alone into it`,
    );
  }
  if (token.length < 8)
    return fail('invalid', `the token in ${tokenFile} is too short; write at least 8 characters`);
  const expected = digest(token);
  return ok(request => tokensIn(request).some(given => timingSafeEqual(digest(given), expected)));
}

/** Devices can show a token in one of these ways, and few of them in more than one. */
function tokensIn({ headers, query }: PushRequest): string[] {
  const authorization = typeof headers.authorization === 'string' ? headers.authorization : '';
  const [scheme = '', credentials = ''] = authorization.split(/\s+/, 2);
  const given: unknown[] = [headers['x-api-key'], query.token];
  if (scheme.toLowerCase() === 'bearer') given.push(credentials);
  if (scheme.toLowerCase() === 'basic') {
    const text = Buffer.from(credentials, 'base64').toString('utf8');
    given.push(text.slice(text.indexOf(':') + 1));
  }
  return given.filter((text): text is string => typeof text === 'string' && text !== '');
}
