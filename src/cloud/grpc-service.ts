import {
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';

/** How grpc-js calls one method of a generated service. */
export function grpcMethod<I extends DescMessage, O extends DescMessage>(
  method: DescMethod & { readonly input: I; readonly output: O },
): MethodDefinition<MessageShape<I>, MessageShape<O>> {
  const { input, output } = method;
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: message => asBuffer(toBinary(input, message)),
    requestDeserialize: bytes => fromBinary(input, bytes),
    responseSerialize: message => asBuffer(toBinary(output, message)),
    responseDeserialize: bytes => fromBinary(output, bytes),
  };
}

/** A generated service as `grpc.Server.addService` wants it; its keys are the methods' names in camel case. */
export function grpcService(service: DescService): ServiceDefinition {
  return Object.fromEntries(service.methods.map(method => [method.localName, grpcMethod(method)]));
}

const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
