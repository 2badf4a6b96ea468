import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { type ChannelCredentials, Client } from '@grpc/grpc-js';
import { grpcMethod } from './grpc-service.ts';

/** Where one call goes. */
interface Line {
  readonly address: string;
  readonly channel: ChannelCredentials;
  readonly deadlineMs: number;
}

/** One call on a connection of its own. Rejects with the other side's sentence. */
export function callOnce<I extends DescMessage, O extends DescMessage>(
  { address, channel, deadlineMs }: Line,
  method: DescMethod & { readonly input: I; readonly output: O },
  request: MessageInitShape<I>,
): Promise<MessageShape<O>> {
  const client = new Client(address, channel);
  const { path, requestSerialize, responseDeserialize } = grpcMethod(method);
  return new Promise((resolve, reject) => {
    const message = create(method.input, request);
    const options = { deadline: deadlineMs };
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      message,
      options,
      (error, answer) => {
        client.close();
        if (answer) resolve(answer);
        else reject(new Error(error?.details ?? 'the hub did not answer'));
      },
    );
  });
}
