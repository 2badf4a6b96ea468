import type { RequestListener, Server } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify from 'fastify';
import { limits } from '../shared/limits.ts';
import { schemaMessage } from './failures.ts';

/** A Fastify server with our rules for bodies and no route yet; over whatever `makeServer` makes, else over plain HTTP. */
export const newServer = (makeServer?: (handle: RequestListener) => Server) =>
  fastify({
    ...(makeServer && { serverFactory: makeServer }),
    bodyLimit: limits.httpBodyBytes,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    // Fastify would drop unknown fields and turn "2" into 2; a document must be refused instead.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, verbose: true } },
    schemaErrorFormatter: schemaMessage,
  }).withTypeProvider<TypeBoxTypeProvider>();

export type ApiServer = ReturnType<typeof newServer>;
