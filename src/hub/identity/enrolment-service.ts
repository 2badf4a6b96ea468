import { createPublicKey, verify } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type ServerUnaryCall, status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import {
  type EnrolRequest,
  type EnrolResponse,
  EnrolResponseSchema,
  type RenewRequest,
  type RenewResponse,
  RenewResponseSchema,
} from '../../cloud/gen/aisle/enrolment/v1/enrolment_pb.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { HubDatabase } from '../database.ts';
import { rpcError, unary } from '../rpc-error.ts';
import type { Authority } from './authority.ts';
import { callerOf } from './caller.ts';
import { readToken } from './enrolment-token.ts';

interface EnrolmentOptions {
  readonly database: HubDatabase;
  readonly authority: Authority;
  readonly clock: Clock;
  readonly log: Log;
}

/** Certificates for stores: the first for a token, each later one for the one before. */
export function createEnrolmentService(options: EnrolmentOptions): UntypedServiceImplementation {
  const { log } = options;
  return {
    enrol: unary<EnrolRequest, EnrolResponse>(log, request => enrol(options, request)),
    renew: unary<RenewRequest, RenewResponse>(log, (request, call) => renew(options, request, call)),
  };
}

async function enrol({ database, authority, clock, log }: EnrolmentOptions, request: EnrolRequest) {
  const { storeGln, token, publicKeyPem, proof } = request;
  const nowMs = clock.nowMs();
  const read = readToken(token, authority.signingKey.publicKeyPem, nowMs);
  if (!read.ok) throw rpcError(status.PERMISSION_DENIED, read.error.message);
  const { id, store } = read.value;
  if (store !== storeGln) {
    throw rpcError(status.PERMISSION_DENIED, `the token is for store ${store}, not for ${storeGln}`);
  }
  checkKey(publicKeyPem, `aisle-enrol${storeGln}${token}`, proof);
  const used = await database.query<{ token: string }>(
    `INSERT INTO enrolment (store, token, enrolled_at) VALUES ($1, $2, to_timestamp($3::float8))
     ON CONFLICT (store, token) DO NOTHING RETURNING token`,
    [store, id, nowMs / 1000],
  );
  if (used.length === 0)
    throw rpcError(status.PERMISSION_DENIED, 'the token was used before; ask for another');
  const { certificatePem, expiresMs } = await authority.certify({ kind: 'store', gln: store }, publicKeyPem);
  log.info({ store }, 'store enrolled');
  return create(EnrolResponseSchema, {
    certificatePem,
    authorityPem: authority.rootPem,
    expiresTime: timestampFromMs(expiresMs),
    signingKeys: [authority.signingKey],
  });
}

async function renew(
  { authority, log }: EnrolmentOptions,
  { publicKeyPem, proof }: RenewRequest,
  call: ServerUnaryCall<RenewRequest, RenewResponse>,
) {
  const caller = callerOf(call.getAuthContext());
  if (caller?.kind !== 'store')
    throw rpcError(status.PERMISSION_DENIED, 'only a store renews its certificate');
  checkKey(publicKeyPem, `aisle-renew${caller.gln}`, proof);
  const { certificatePem, expiresMs } = await authority.certify(caller, publicKeyPem);
  log.info({ store: caller.gln }, 'certificate renewed');
  return create(RenewResponseSchema, {
    certificatePem,
    expiresTime: timestampFromMs(expiresMs),
    signingKeys: [authority.signingKey],
  });
}

/** The key is of the kind that we certify, and whoever sends it has its other half. */
function checkKey(publicKeyPem: string, text: string, proof: Uint8Array): void {
  try {
    const key = createPublicKey(publicKeyPem);
    const isP256 = key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
    if (isP256 && verify('sha256', Buffer.from(text), key, proof)) return;
  } catch {
    // Not a key at all; answered below.
  }
  throw rpcError(
    status.INVALID_ARGUMENT,
    'public_key_pem must be a P-256 key and proof a signature of its private half',
  );
}
