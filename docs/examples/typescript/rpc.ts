import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import {
  type ChannelCredentials,
  Client,
  type ClientReadableStream,
  type MethodDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';

type Method<I extends DescMessage, O extends DescMessage> = DescMethod & {
  readonly input: I;
  readonly output: O;
};

/** How gRPC calls a method of a generated service. */
export function definitionOf<I extends DescMessage, O extends DescMessage>(
  method: Method<I, O>,
): MethodDefinition<MessageShape<I>, MessageShape<O>> {
  const { input, output, parent, name, methodKind } = method;
  return {
    path: `/${parent.typeName}/${name}`,
    requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
    responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
    requestSerialize: message => Buffer.from(toBinary(input, message)),
    requestDeserialize: bytes => fromBinary(input, bytes),
    responseSerialize: message => Buffer.from(toBinary(output, message)),
    responseDeserialize: bytes => fromBinary(output, bytes),
  };
}

export interface Caller {
  /** One question and its answer, within 5 s. */
  ask<I extends DescMessage, O extends DescMessage>(
    method: Method<I, O>,
    request: MessageInitShape<I>,
  ): Promise<MessageShape<O>>;
  /** One question and a stream of answers, until it is cancelled. */
  follow<I extends DescMessage, O extends DescMessage>(
    method: Method<I, O>,
    request: MessageInitShape<I>,
  ): ClientReadableStream<MessageShape<O>>;
  close(): void;
}

const ANSWER_MS = 5_000;

export function callerOf(address: string, credentials: ChannelCredentials): Caller {
  const client = new Client(address, credentials);
  return {
    ask(method, request) {
      const { path, requestSerialize, responseDeserialize } = definitionOf(method);
      const options = { deadline: new Date(Date.now() + ANSWER_MS) };
      return new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          create(method.input, request),
          options,
          (error, answer) => (error ? reject(error) : resolve(answer!)),
        );
      });
    },
    follow(method, request) {
      const { path, requestSerialize, responseDeserialize } = definitionOf(method);
      return client.makeServerStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        create(method.input, request),
      );
    },
    close: () => client.close(),
  };
}

const MAY_PASS: readonly status[] = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED];

/** Asks again after a lost answer. Only for requests that carry a request_id, which makes the repeat harmless. */
export async function patiently<T>(ask: () => Promise<T>, pauseMs = 1_000, tries = 3): Promise<T> {
  for (let left = tries - 1; ; left--) {
    try {
      return await ask();
    } catch (error) {
      if (left === 0 || !MAY_PASS.includes((error as ServiceError).code)) throw error;
      await new Promise(resolve => setTimeout(resolve, pauseMs));
    }
  }
}
