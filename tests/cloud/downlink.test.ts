import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { createDownlink } from '../../src/cloud/downlink.ts';
import { ReservationState } from '../../src/cloud/gen/aisle/sync/v1/event_pb.ts';
import { CommandSchema, CommandStatus, FailureCode } from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { Reading } from '../../src/readings/reading.ts';
import type { Outcome } from '../../src/readings/submit.ts';
import { createCounters } from '../../src/shared/counters.ts';
import type { ReservationView } from '../../src/store/views.ts';
import { manualClock } from '../support/manual-clock.ts';
import { gtinOf } from './facts.ts';
import { trustsNobody } from './memory-outbox.ts';

type CommandInit = MessageInitShape<typeof CommandSchema>;

const held: ReservationView = {
  reservation: 'order-7',
  state: 'temporary',
  lines: [{ gtin: gtinOf(1), quantity: 2 }],
  expiresAtMs: 5_000_000,
  reason: null,
};

const reserve = (change: CommandInit = {}): CommandInit => ({
  requestId: 'r-1',
  body: {
    case: 'reserve',
    value: {
      reservationId: 'order-7',
      lines: [{ gtin: '9521320000019', quantity: 2n }],
      holdUntilTime: timestampFromMs(5_000_000),
    },
  },
  ...change,
});

function store(outcome: Outcome, reservation: ReservationView | null = held) {
  const submitted: Reading[] = [];
  const clock = manualClock();
  const downlink = createDownlink({
    clock,
    trust: trustsNobody,
    counters: createCounters(),
    wasDone: key => key === 'r-0',
    lookupReservation: id => (id === reservation?.reservation ? reservation : null),
    submit: async readings => {
      submitted.push(...readings);
      return outcome;
    },
  });
  return { clock, submitted, ask: (command: CommandInit) => downlink(create(CommandSchema, command)) };
}

describe('a command of the cloud', () => {
  it('becomes a document whose key is the request id', async () => {
    const { submitted, ask, clock } = store({ status: 'accepted', seq: 4 });
    await ask(reserve());
    expect(submitted).toEqual([
      {
        kind: 'document',
        source: 'cloud',
        eventTimeMs: clock.nowMs(),
        receivedTimeMs: clock.nowMs(),
        document: {
          type: 'reserve',
          key: 'r-1',
          reservation: 'order-7',
          lines: [{ gtin: '09521320000019', quantity: 2 }],
          expiresAtMs: 5_000_000,
        },
      },
    ]);
  });

  it.each(['accepted', 'duplicate'] as const)('is done when the store says %s', async status => {
    const result = await store({ status, seq: 4 }).ask(reserve());
    expect(result).toMatchObject({
      requestId: 'r-1',
      status: CommandStatus.DONE,
      reservation: { reservationId: 'order-7', state: ReservationState.TEMPORARY },
    });
  });

  it('is refused with the reason when there was not enough to promise', async () => {
    const refused = { ...held, state: 'refused', reason: 'only 1 of 2 can be promised' } as const;
    const result = await store({ status: 'accepted', seq: 4 }, refused).ask(reserve());
    expect(result).toMatchObject({
      status: CommandStatus.REFUSED,
      failure: { code: FailureCode.INSUFFICIENT, message: 'only 1 of 2 can be promised', retry: false },
    });
  });

  it('is refused with what the store says, and whether a repeat may help', async () => {
    const failure = { code: 'busy', message: 'too much to do', retry: true } as const;
    const result = await store({ status: 'refused', failure }).ask(reserve());
    expect(result).toMatchObject({
      status: CommandStatus.REFUSED,
      failure: { code: FailureCode.BUSY, message: 'too much to do', retry: true },
    });
  });

  it('has no effect once it has expired', async () => {
    const { clock, submitted, ask } = store({ status: 'accepted', seq: 4 });
    const expiresTime = timestampFromMs(clock.nowMs() + 1000);
    clock.advance(1000);
    expect(await ask(reserve({ expiresTime }))).toMatchObject({
      status: CommandStatus.EXPIRED,
      failure: { code: FailureCode.EXPIRED },
    });
    expect(submitted).toEqual([]);
  });

  it('can put prices in force and give units back', async () => {
    const { submitted, ask } = store({ status: 'accepted', seq: 4 });
    const prices = [{ gtin: '9521320000019', priceMinor: 199n }];
    await ask({ requestId: 'p', body: { case: 'publishPrices', value: { listVersion: 'w1', prices } } });
    await ask({ requestId: 'q', body: { case: 'release', value: { reservationId: 'order-7' } } });
    expect(submitted).toMatchObject([
      {
        document: {
          type: 'price_list',
          key: 'p',
          version: 'w1',
          prices: [{ gtin: gtinOf(1), priceMinor: 199 }],
        },
      },
      { document: { type: 'release', key: 'q', reservation: 'order-7' } },
    ]);
  });

  const asking = (gtin: string, quantity: bigint): CommandInit => ({
    requestId: 'x',
    body: { case: 'reserve', value: { reservationId: 'o', lines: [{ gtin, quantity }] } },
  });
  it.each<[string, CommandInit, RegExp]>([
    ['no request id', reserve({ requestId: '' }), /request_id must have 1 to 128/],
    ['a wrong check digit', asking('9521320000018', 1n), /lines\[0\]\.gtin is "9521320000018"/],
    ['no units', asking('9521320000019', 0n), /lines\[0\]\.quantity is 0; write 1 or more/],
    [
      'no lines',
      { requestId: 'x', body: { case: 'reserve', value: { reservationId: 'o' } } },
      /lines is empty/,
    ],
    ['no reservation', { requestId: 'x', body: { case: 'release', value: {} } }, /reservation_id must have/],
    [
      'no prices',
      { requestId: 'x', body: { case: 'publishPrices', value: { listVersion: 'w' } } },
      /prices is empty/,
    ],
    ['an unknown kind', { requestId: 'x' }, /does not know that kind of command/],
  ])('with %s is refused in a sentence that names the place', async (_, command, message) => {
    const { submitted, ask } = store({ status: 'accepted', seq: 1 });
    const result = await ask(command);
    expect(result.status).toBe(CommandStatus.REFUSED);
    expect(result.failure?.message).toMatch(message);
    expect(submitted).toEqual([]);
  });

  const expires = Date.UTC(2026, 0, 5, 12);
  const of = (body: NonNullable<CommandInit['body']>): CommandInit => ({ requestId: 'r-1', body });
  it.each<[string, CommandInit, object]>([
    [
      'extend',
      of({ case: 'extend', value: { reservationId: 'order-7', holdUntilTime: timestampFromMs(expires) } }),
      { type: 'extend', reservation: 'order-7', expiresAtMs: expires },
    ],
    [
      'confirm',
      of({ case: 'confirm', value: { reservationId: 'order-7' } }),
      { type: 'confirm', reservation: 'order-7' },
    ],
    [
      'hand_over',
      of({ case: 'handOver', value: { reservationId: 'order-7' } }),
      { type: 'hand_over', reservation: 'order-7' },
    ],
    [
      'grant_lease',
      of({
        case: 'grantLease',
        value: { leaseId: 'l-1', gtin: gtinOf(1), quantity: 3n, expiresTime: timestampFromMs(expires) },
      }),
      { type: 'grant_lease', lease: 'l-1', gtin: gtinOf(1), quantity: 3, expiresAtMs: expires },
    ],
    [
      'report_lease',
      of({
        case: 'reportLease',
        value: { leaseId: 'l-1', sales: [{ reservationId: 'o-1', quantity: 2n }], final: true },
      }),
      { type: 'report_lease', lease: 'l-1', sold: [{ reservation: 'o-1', quantity: 2 }], final: true },
    ],
  ])('%s becomes the document of that name', async (_, command, document) => {
    const { submitted, ask } = store({ status: 'accepted', seq: 4 });
    expect((await ask(command)).status).toBe(CommandStatus.DONE);
    expect(submitted).toMatchObject([{ document: { ...document, key: 'r-1' } }]);
  });

  it.each<[string, CommandInit, RegExp]>([
    [
      'a lease without an end',
      of({ case: 'grantLease', value: { leaseId: 'l', gtin: gtinOf(1), quantity: 1n } }),
      /expires_time/,
    ],
    [
      'a lease of nothing',
      of({ case: 'grantLease', value: { leaseId: 'l', gtin: gtinOf(1) } }),
      /quantity is 0/,
    ],
    [
      'a sale of nothing',
      of({ case: 'reportLease', value: { leaseId: 'l', sales: [{ reservationId: 'o' }] } }),
      /sales\[0\]/,
    ],
    ['an order without a name', of({ case: 'confirm', value: {} }), /reservation_id/],
  ])('refuses %s and says where', async (_, command, words) => {
    const { submitted, ask } = store({ status: 'accepted', seq: 4 });
    expect((await ask(command)).failure).toMatchObject({
      code: FailureCode.INVALID,
      message: expect.stringMatching(words),
    });
    expect(submitted).toEqual([]);
  });

  it('waits for the command that it is to follow', async () => {
    const { submitted, ask } = store({ status: 'accepted', seq: 4 });
    const early = await ask(reserve({ afterRequestId: 'r-9' }));
    expect(early.failure).toMatchObject({ code: FailureCode.BUSY, retry: true });
    expect(submitted).toEqual([]);
    expect((await ask(reserve({ afterRequestId: 'r-0' }))).status).toBe(CommandStatus.DONE);
  });
});
