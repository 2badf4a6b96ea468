import type { DeadLetterView, RoomView, SyncView } from '../../store/views.ts';
import { ageWords } from './age.ts';

type Receipt = SyncView['receipts'][number];

/** What is done about the room for events, at each level. */
const DOING: Record<RoomView['level'], string> = {
  none: '',
  coalesce: 'minutes of footfall and temperature are put together to 15',
  discard: 'what devices did and older footfall is given up',
  last: 'older temperatures are given up, and new footfall and temperatures are not taken',
};

export const ROOM_MARK = {
  none: 'ok',
  coalesce: 'low',
  discard: 'low',
  last: 'out',
} as const satisfies Record<RoomView['level'], string>;

/** Shares of the room from which on something is done. */
export const ROOM_STEPS: readonly number[] = [0.7, 0.85, 0.95];

const MEGABYTE = 1024 * 1024;

/** `3 kB`, `71.2 MB`, `2 GB`, as the site file counts: 1 MB is 1,048,576 bytes. */
export function bytesWords(bytes: number): string {
  if (bytes < MEGABYTE) return `${Math.ceil(bytes / 1024)} kB`;
  if (bytes < 1024 * MEGABYTE) return `${tenth(bytes / MEGABYTE)} MB`;
  return `${tenth(bytes / 1024 / MEGABYTE)} GB`;
}

const tenth = (value: number) => `${value < 100 ? Math.round(value * 10) / 10 : Math.round(value)}`;

/** `Backlog 71 % of 2 GB, oldest event 3 h; ...`, what is done about it last; null while there is room. */
export function roomSentence({ room, oldestPendingMs }: SyncView, nowMs: number): string | null {
  const { level, reason, usedShare, budgetBytes } = room;
  if (level === 'none') return null;
  const full =
    reason === 'disk_full'
      ? 'The disk is full'
      : `Backlog ${Math.round(usedShare * 100)} % of ${bytesWords(budgetBytes)}`;
  const oldest = oldestPendingMs === null ? '' : `, oldest event ${ageWords(nowMs - oldestPendingMs)}`;
  return `${full}${oldest}; ${DOING[level]}. Stock, sales, prices and cold alarms are all kept.`;
}

/** What became of the events of an outage, in one line. */
export function receiptWords({ accepted, acknowledged, discards }: Receipt): string {
  const whole = (count: number) => count.toLocaleString('en');
  if (discards.length === 0) return `${whole(accepted)} events, all taken`;
  const parts = discards.map(({ of, discarded, coalesced }) =>
    [
      ...(coalesced > 0 ? [`${whole(coalesced)} of ${of} put together`] : []),
      ...(discarded > coalesced ? [`${whole(discarded - coalesced)} of ${of} given up`] : []),
    ].join(', '),
  );
  return `${whole(accepted)} events, ${whole(acknowledged)} taken; ${parts.join(', ')}`;
}

/** `Movement`, `Cold alarm`. */
export const letterKind = ({ type }: DeadLetterView): string =>
  `${type.charAt(0).toUpperCase()}${type.slice(1).replaceAll('_', ' ')}`;
