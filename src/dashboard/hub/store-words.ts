import type { HubStoreView } from '../../hub/web/views.ts';
import { ageWords } from '../model/age.ts';
import { count } from '../model/formats.ts';

/** A store in one shape and a few words. */
export interface Standing {
  readonly kind: 'ok' | 'low' | 'out';
  readonly word: string;
  /** What else is not as it should be, in sentences. */
  readonly troubles: readonly string[];
}

/** Events of a few seconds: a store that is in step has so many under way at most. */
const UNDER_WAY = 100;

export const lagOf = ({ lastSeq, ackedSeq }: HubStoreView): number => Math.max(0, lastSeq - ackedSeq);

/** What the hub calls a store: its name, or its GLN when nobody said. */
export const nameOf = ({ name, gln }: HubStoreView): string => name || gln;

export function standingOf(store: HubStoreView, nowMs: number): Standing {
  const troubles = troublesOf(store);
  if (!store.online) return { kind: 'out', word: `Away ${ageWords(nowMs - store.heardAtMs)}`, troubles };
  const lag = lagOf(store);
  if (lag > UNDER_WAY) return { kind: 'low', word: `${lag.toLocaleString('en')} behind`, troubles };
  if (troubles.length > 0) return { kind: 'low', word: troubles[0]!, troubles };
  return { kind: 'ok', word: 'In step', troubles };
}

function troublesOf({ health, quarantined, receiptsDisputed }: HubStoreView): string[] {
  const devicesAway = health ? health.devices - health.devicesOnline : 0;
  return [
    ...(devicesAway > 0 ? [`${count(devicesAway, 'device')} away`] : []),
    ...(health && health.errors > 0 ? [count(health.errors, 'error')] : []),
    ...(health && health.budgetUsed >= 0.7 ? [`backlog ${Math.round(health.budgetUsed * 100)} % full`] : []),
    ...(quarantined > 0 ? [`${count(quarantined, 'event')} put aside`] : []),
    ...(receiptsDisputed > 0 ? [`${count(receiptsDisputed, 'receipt')} disputed`] : []),
  ];
}

const ORDER: readonly Standing['kind'][] = ['out', 'low', 'ok'];

/** Those that need somebody first, then by name. */
export const worstFirst = (stores: readonly HubStoreView[], nowMs: number): readonly HubStoreView[] =>
  stores
    .map(store => ({ store, rank: ORDER.indexOf(standingOf(store, nowMs).kind) }))
    .sort((a, b) => a.rank - b.rank || nameOf(a.store).localeCompare(nameOf(b.store)))
    .map(({ store }) => store);

/** Whether a store is meant by what somebody typed: a part of its name or GLN. */
export const isMeant = ({ name, gln }: HubStoreView, typed: string): boolean =>
  `${name} ${gln}`.toLowerCase().includes(typed.trim().toLowerCase());
