import { waitFor } from './wait-for.ts';

export interface LiveMessage {
  readonly event: string;
  readonly data: Record<string, unknown>;
  /** When it arrived here, on the clock of `performance.now()`. */
  readonly atMs: number;
}

/** Follows `GET /live` as any client of server-sent events would. Resolves when the stream has said hello. */
export async function followLive(api: string): Promise<{
  readonly messages: readonly LiveMessage[];
  close(): void;
}> {
  const abort = new AbortController();
  const response = await fetch(`${api}/live`, { signal: abort.signal });
  const messages: LiveMessage[] = [];
  const read = async () => {
    let rest = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) messages.push(...messageOf(block));
    }
  };
  // The stream ends when the test or the gateway does.
  read().catch(() => {});
  await waitFor('the live stream says hello', () => messages.length > 0);
  return { messages, close: () => abort.abort() };
}

function messageOf(block: string): LiveMessage[] {
  const event = /^event: (.*)$/m.exec(block)?.[1];
  const data = /^data: (.*)$/m.exec(block)?.[1];
  if (!event || !data) return [];
  return [{ event, data: JSON.parse(data) as Record<string, unknown>, atMs: performance.now() }];
}
