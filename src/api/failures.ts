import type { FastifyError, FastifyReply, FastifySchemaValidationError } from 'fastify';
import type { Failure, FailureCode } from '../shared/result.ts';

const STATUS: Record<FailureCode, number> = {
  invalid: 400,
  not_found: 404,
  conflict: 409,
  insufficient: 409,
  expired: 410,
  unsupported: 501,
  comms: 503,
  busy: 503,
  storage: 503,
};

const RETRY_AFTER_SECONDS = 1;

/** Answers a failure as `{"error":{"code","message","retry"}}` with the status that fits its code. */
export function sendFailure(reply: FastifyReply, failure: Failure): FastifyReply {
  const status = STATUS[failure.code];
  if (status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS);
  const { code, message, retry } = failure;
  return reply.code(status).send({ error: { code, message, retry } });
}

interface DescribedSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, DescribedSchema>>;
}

/** With `verbose: true` the validator says which value and which schema disagree. */
interface VerboseError extends FastifySchemaValidationError {
  readonly data?: unknown;
  readonly parentSchema?: DescribedSchema;
}

/**
 * One sentence for a request that its schema refuses: place, value, mend. The mend is the field's own
 * description, so every description in `schemas/` completes "it must be ...".
 */
export function schemaMessage(errors: readonly FastifySchemaValidationError[], context: string): Error {
  // A union reports each branch first and itself last; only the last one knows the whole description.
  const error = (errors.find(each => each.keyword === 'anyOf') ?? errors[0]) as VerboseError;
  const schema = error.parentSchema ?? {};
  if (error.keyword === 'required') {
    const field = String(error.params.missingProperty);
    return new Error(
      `${placeOf(context, error.instancePath, field)} is missing; it must be ${describe(schema.properties?.[field])}`,
    );
  }
  if (error.keyword === 'additionalProperties') {
    const field = String(error.params.additionalProperty);
    const known = Object.keys(schema.properties ?? {}).join(', ');
    return new Error(
      `${placeOf(context, error.instancePath, field)} is not a known field; known are ${known}`,
    );
  }
  const place = placeOf(context, error.instancePath);
  return new Error(`${place} is ${quote(error.data)}; it must be ${describe(schema)}`);
}

const describe = (schema: DescribedSchema | undefined) => schema?.description ?? 'as openapi.json says';

function placeOf(context: string, instancePath: string, field?: string): string {
  const steps = instancePath.split('/').slice(1);
  if (field !== undefined) steps.push(field);
  const root = context === 'querystring' ? 'query' : context;
  return steps.reduce((place, step) => (/^\d+$/.test(step) ? `${place}[${step}]` : `${place}.${step}`), root);
}

const QUOTED_CHARACTERS = 40;

/** A value as it was sent, cut short, so that an error can point at it without repeating a whole body. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > QUOTED_CHARACTERS ? `${text.slice(0, QUOTED_CHARACTERS)}...` : text;
}

/** What a thrown error says to the client. Only Fastify's own and schema errors may speak for themselves. */
export function failureOf(error: FastifyError): { status: number; failure: Failure } {
  const status = error.statusCode ?? 500;
  if (error.validation) {
    return { status: 400, failure: { code: 'invalid', message: error.message, retry: false } };
  }
  if (status === 413) {
    return { status, failure: { code: 'invalid', message: `${error.message}; send less`, retry: false } };
  }
  if (status === 415) {
    const message = 'header content-type is not known here; send application/json';
    return { status, failure: { code: 'invalid', message, retry: false } };
  }
  if (status < 500) {
    return { status, failure: { code: 'invalid', message: error.message, retry: false } };
  }
  const message = 'the gateway made a mistake; its log says which';
  return { status: 500, failure: { code: 'storage', message, retry: true } };
}
