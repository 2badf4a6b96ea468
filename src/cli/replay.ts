import type { ReplayView } from '../store/views.ts';
import { tellGateway } from './ask-gateway.ts';

interface ReplayOptions {
  /** Address of the running gateway. */
  readonly http: string;
  /** Log sequences; null sends the oldest of all. */
  readonly seqs: readonly number[] | null;
  readonly json: boolean;
  readonly print: (line: string) => void;
}

/** Sends dead letters to the cloud again and prints what it took. 1 when it refused any. */
export async function replayDeadLetters({ http, seqs, json, print }: ReplayOptions): Promise<0 | 1> {
  const answer = await tellGateway<ReplayView>(http, '/sync/replay', seqs === null ? {} : { seqs });
  if (json) print(JSON.stringify(answer));
  else for (const line of report(answer)) print(line);
  return answer.refused.length === 0 ? 0 : 1;
}

function report({ taken, refused }: ReplayView): readonly string[] {
  if (taken.length + refused.length === 0) return ['no dead letter: the cloud could use every event'];
  return [
    ...(taken.length > 0 ? [`taken: ${taken.join(', ')}`] : []),
    ...refused.map(({ seq, reason }) => `refused again: ${seq}, ${reason}`),
  ];
}
