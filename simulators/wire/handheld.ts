import type { Clock } from '../../src/shared/clock.ts';
import { sleep } from '../../src/shared/clock.ts';
import type { Log } from '../../src/shared/log.ts';

/** What staff scan with: posts documents to the gateway in order and repeats each until it is answered. */
export interface Handheld {
  /** `path` is below /api/v1, such as `counts`; `body` carries its own key, so that a repeat is harmless. */
  post(path: string, body: object): void;
  waiting(): number;
  figures(): { readonly accepted: number; readonly refused: number; readonly repeats: number };
  /** Resolves when everything posted so far is answered, or the handheld is stopped. */
  whenDone(): Promise<void>;
  stop(): void;
}

const RETRY_MS = 1000;
const REQUEST_TIMEOUT_MS = 5000;

type Reply = 'accepted' | 'refused' | 'again';

export function createHandheld(baseUrl: string, clock: Clock, log: Log): Handheld {
  const documents: { path: string; body: string }[] = [];
  const stopping = new AbortController();
  let work: Promise<void> = Promise.resolve();
  let busy = false;
  let unreachable = false;
  const figures = { accepted: 0, refused: 0, repeats: 0 };

  const send = async ({ path, body }: { path: string; body: string }): Promise<Reply> => {
    try {
      const response = await fetch(`${baseUrl}/api/v1/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      });
      const text = await response.text();
      unreachable = false;
      if (response.ok) return 'accepted';
      if (response.status >= 500 || response.status === 429) return 'again';
      log.warn(
        { path, body, status: response.status, answer: text.slice(0, 300) },
        'the gateway refused a document',
      );
      return 'refused';
    } catch (error) {
      if (!unreachable && !stopping.signal.aborted)
        log.warn({ baseUrl, error: String(error) }, 'the gateway does not answer, staff try again');
      unreachable = true;
      return 'again';
    }
  };
  const sendAll = async () => {
    busy = true;
    for (let next = documents[0]; next && !stopping.signal.aborted; next = documents[0]) {
      const reply = await send(next);
      if (reply === 'again') {
        figures.repeats++;
        await sleep(clock, RETRY_MS);
      } else {
        figures[reply]++;
        documents.shift();
      }
    }
    busy = false;
  };
  return {
    post(path, body) {
      documents.push({ path, body: JSON.stringify(body) });
      if (!busy) work = sendAll();
    },
    waiting: () => documents.length,
    figures: () => ({ ...figures }),
    whenDone: () => work,
    stop: () => stopping.abort(),
  };
}
