import type { Counters } from '../shared/counters.ts';
import { limits } from '../shared/limits.ts';
import type { Log } from '../shared/log.ts';
import type { Downlink } from './downlink.ts';
import type { Command, CommandResult } from './gen/aisle/sync/v1/sync_pb.ts';

interface CommandDeskOptions {
  readonly downlink: Downlink;
  readonly log: Log;
  readonly counters: Counters;
  /** Sends the answer; `onFlushed` is called when it has left, or never can. */
  readonly answer: (result: CommandResult, onFlushed: () => void) => void;
}

/** Takes the commands of one stream, at most limits.cloudCommands at once. */
export function createCommandDesk({ downlink, log, counters, answer }: CommandDeskOptions) {
  let underWay = 0;
  const done = () => void underWay--;
  return (command: Command): void => {
    if (underWay >= limits.cloudCommands) {
      counters.add('cloud_commands_dropped_total', { reason: 'limit' });
      return;
    }
    underWay++;
    downlink(command).then(
      result => {
        counters.add('cloud_commands_total', { kind: command.body.case ?? 'unknown' });
        answer(result, done);
      },
      error => {
        done();
        log.error({ requestId: command.requestId, error: String(error) }, 'cloud command failed');
      },
    );
  };
}
