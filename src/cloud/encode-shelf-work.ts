import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Fact } from '../store/outbox.ts';
import { encodeMeasure, encodePlace, HANDOVERS, timestamp } from './encode-terms.ts';
import {
  type ItemDaySchema,
  TaskActor,
  TaskKind,
  type TaskSchema,
  TaskState,
} from './gen/aisle/sync/v1/event_pb.ts';

type FactOf<T extends Fact['type']> = Extract<Fact, { type: T }>;

const KINDS: Readonly<Record<FactOf<'task'>['kind'], TaskKind>> = {
  shelf_gap: TaskKind.SHELF_GAP,
  out_of_stock: TaskKind.OUT_OF_STOCK,
  phantom_stock: TaskKind.PHANTOM_STOCK,
  misplaced: TaskKind.MISPLACED,
  count_request: TaskKind.COUNT_REQUEST,
  planogram: TaskKind.PLANOGRAM,
  new_pack: TaskKind.NEW_PACK,
  order_short: TaskKind.ORDER_SHORT,
  order_pick: TaskKind.ORDER_PICK,
};

const STATES: Readonly<Record<FactOf<'task'>['state'], TaskState>> = {
  open: TaskState.OPEN,
  taken: TaskState.TAKEN,
  done: TaskState.DONE,
  dismissed: TaskState.DISMISSED,
};

const ACTORS: Readonly<Record<FactOf<'task'>['by'], TaskActor>> = {
  staff: TaskActor.STAFF,
  store: TaskActor.STORE,
};

export const encodeTask = (fact: FactOf<'task'>): MessageInitShape<typeof TaskSchema> => ({
  task: fact.task,
  kind: KINDS[fact.kind],
  state: STATES[fact.state],
  gtin: fact.gtin,
  facing: fact.facing ?? '',
  reservationId: fact.reservation ?? '',
  reason: fact.reason,
  priority: BigInt(fact.priority),
  openedTime: timestamp(fact.openedAtMs),
  by: ACTORS[fact.by],
  note: fact.note ?? '',
  ...(fact.pick && {
    lines: fact.pick.lines.map(({ facing, ...line }) => ({
      gtin: line.gtin,
      quantity: BigInt(line.quantity),
      measure: encodeMeasure(line),
      place: encodePlace(facing === null ? 'backroom' : `shelf:${facing}`),
    })),
    dueTime: timestamp(fact.pick.dueAtMs),
    handover: HANDOVERS[fact.pick.handover],
  }),
});

export const encodeItemDay = (fact: FactOf<'item_day'>): MessageInitShape<typeof ItemDaySchema> => {
  const { demand } = fact;
  return {
    gtin: fact.gtin,
    day: fact.day,
    soldUnits: fact.soldUnits,
    facingMinutes: BigInt(fact.facingMinutes),
    stockedMinutes: BigInt(fact.stockedMinutes),
    onShelfShare: fact.onShelfShare,
    silentUnits: fact.silentUnits,
    facings: fact.facings.map(({ facing, sure }) => ({ facing, sure })),
    meanPerDay: fact.meanPerDay,
    reorderPoint: BigInt(fact.reorderPoint),
    demand: {
      days: BigInt(demand.days),
      level: demand.level,
      weekday: [...demand.weekday],
      size: demand.size,
      interval: demand.interval,
      probability: demand.probability,
      sinceSale: BigInt(demand.sinceSale),
      variance: demand.variance,
    },
  };
};
