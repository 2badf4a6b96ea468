import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import type { ConfigureDocument, Document } from '../readings/documents.ts';
import { fail, ok, type Result } from '../shared/result.ts';
import { isId, MAX_ID_LENGTH, priceDocument } from './command-documents.ts';
import {
  type Command,
  type Configuration,
  ConfigurationSchema,
  type PriceList,
  PriceListSchema,
  type SignedDocument,
} from './gen/aisle/sync/v1/sync_pb.ts';
import { type SigningKeys, verifySigned } from './signed-document.ts';

/** Whose documents a store believes, and how it checks what stands in them. */
export interface Trust {
  readonly storeGln: string;
  /** null: the store was never enrolled, so it believes nobody. */
  readonly signingKeys: (() => SigningKeys) | null;
  /** Asks the cloud which keys there are now. Rejects with a sentence. */
  readonly learnKeys: () => Promise<void>;
  /** The policies with every default filled in, or every mistake in them. */
  readonly readPolicies: (json: string) => Result<NonNullable<ConfigureDocument['policies']>>;
}

type SignedBody = Extract<Command['body'], { case: 'applyConfiguration' | 'applyPriceList' }>;

/** Whether a command carries a document that has to be proved before it means anything. */
export const isSigned = (body: Command['body']): body is SignedBody =>
  body.case === 'applyConfiguration' || body.case === 'applyPriceList';

const DEFAULT_CONFIRM_SECONDS = 600;

/** What a signed command asks of the store, proved and checked whole, as the document that does it. */
export async function toSignedDocument(
  trust: Trust,
  key: string,
  body: SignedBody,
): Promise<Result<Document>> {
  if (!isId(key)) return fail('invalid', `request_id must have 1 to ${MAX_ID_LENGTH} characters`);
  if (!body.value.document) return fail('invalid', `${body.case} carries no document`);
  const content = await proved(trust, body.value.document);
  if (!content.ok) return content;
  if (body.case === 'applyConfiguration') {
    const configuration = readAs(ConfigurationSchema, content.value);
    return configuration.ok ? configureDocument(trust, key, configuration.value) : configuration;
  }
  const list = readAs(PriceListSchema, content.value);
  return list.ok ? signedPriceDocument(trust, key, list.value) : list;
}

/**
 * What is signed as one kind must never pass as the other: the reader takes a field by its number and does not look at its wire
 * type, so a price list can be read as some configuration. Written again, only what really is one gives the same bytes.
 */
function readAs<T extends DescMessage>(schema: T, content: Uint8Array): Result<MessageShape<T>> {
  const wrong = (why: string) =>
    fail(
      'invalid',
      `the signed content is no ${schema.name} (${why}); serialize it in the order of its fields`,
    );
  try {
    const message = fromBinary(schema, content);
    return Buffer.from(toBinary(schema, message)).equals(content) ? ok(message) : wrong('it reads otherwise');
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
}

/** A key that is not known may be a new one, so it is asked for once; the cloud may not have it either. */
async function proved(
  { signingKeys, learnKeys }: Trust,
  document: SignedDocument,
): Promise<Result<Uint8Array>> {
  if (!signingKeys) {
    const message =
      'this store was never enrolled, so it knows no key by which configurations and price lists are signed; run "aisle enrol"';
    return fail('unsupported', message);
  }
  const first = verifySigned(document, signingKeys());
  if (first.ok || first.error.code !== 'not_found') return first;
  try {
    await learnKeys();
  } catch (error) {
    return fail('comms', `${first.error.message}; it cannot be learned: ${String(error)}`, true);
  }
  return verifySigned(document, signingKeys());
}

function configureDocument(trust: Trust, key: string, content: Configuration): Result<Document> {
  const { storeGln, rollback, policiesJson, confirmWithinSeconds: asked } = content;
  const about = checkAddress(trust, storeGln, content.version);
  if (!about.ok) return about;
  const version = about.value;
  const seconds = asked === 0 ? DEFAULT_CONFIRM_SECONDS : asked;
  if (seconds < 10 || seconds > 3600) {
    return fail(
      'invalid',
      `confirm_within_seconds is ${seconds}; write 10 to 3600, or 0 for ${DEFAULT_CONFIRM_SECONDS}`,
    );
  }
  const common = { type: 'configure', key, version, rollback, confirmWithinMs: seconds * 1000 } as const;
  if (version === 0) {
    return rollback && policiesJson === ''
      ? ok({ ...common, policies: null })
      : fail(
          'invalid',
          "version 0 stands for the store's own files; set rollback and leave policies_json empty",
        );
  }
  const policies = trust.readPolicies(policiesJson);
  return policies.ok ? ok({ ...common, policies: policies.value }) : policies;
}

function signedPriceDocument(trust: Trust, key: string, content: PriceList): Result<Document> {
  const about = checkAddress(trust, content.storeGln, content.version);
  if (!about.ok) return about;
  if (about.value === 0) return fail('invalid', 'version is 0; a signed price list counts from 1');
  const list = priceDocument(key, content);
  if (!list.ok) return list;
  return ok({ ...list.value, signed: { version: about.value, rollback: content.rollback } });
}

function checkAddress({ storeGln }: Trust, wanted: string, version: bigint): Result<number> {
  if (wanted !== storeGln) {
    return fail('invalid', `the document is for store ${wanted.slice(0, 20)}, and this is ${storeGln}`);
  }
  return version <= BigInt(Number.MAX_SAFE_INTEGER)
    ? ok(Number(version))
    : fail('invalid', `version is ${version}; write ${Number.MAX_SAFE_INTEGER} or less`);
}
