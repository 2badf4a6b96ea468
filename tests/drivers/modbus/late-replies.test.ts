import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import Modbus from 'modbus-serial';
import { afterEach, describe, expect, test } from 'vitest';
import { MISBEHAVIOUR, ownClientInMemory } from '../../../bench/drivers/late-replies.ts';
import { heldBy } from '../../../bench/drivers/scripted-slave.ts';
import { createOwedReplies } from '../../../src/drivers/modbus/owed-replies.ts';
import type { ReadRequest } from '../../../src/drivers/modbus/read-pdu.ts';
import { encodeRtu } from '../../../src/drivers/modbus/rtu.ts';
import { manualClock } from '../../support/manual-clock.ts';

const holding = (address: number, count = 1): ReadRequest => ({ table: 'holding', address, count });
const replyOf = (unit: number, ...words: number[]) => {
  const pdu = Buffer.alloc(2 + words.length * 2);
  pdu.set([3, words.length * 2]);
  for (const [index, word] of words.entries()) pdu.writeUInt16BE(word, 2 + index * 2);
  return { unit, pdu, question: null };
};

describe('while a reply is owed', () => {
  const clock = manualClock();
  const owing = () => {
    const owed = createOwedReplies(clock);
    owed.owe(1, holding(100), { question: 1, sentAtMs: clock.monotonicMs(), timeoutMs: 100 });
    return owed;
  };

  test.each<[string, boolean, number, ReadRequest]>([
    ['the same question may be asked again', true, 1, holding(100)],
    ['no other register that would be answered alike', false, 1, holding(200)],
    ['another length may be asked', true, 1, holding(200, 2)],
    ['another table may be asked', true, 1, { ...holding(200), table: 'input' }],
    ['another unit may be asked', true, 2, holding(200)],
    ['bits are answered in whole bytes', true, 1, { table: 'coil', address: 1, count: 8 }],
  ])('%s', (_what, isFree, unit, request) => {
    expect(owing().heldUntilMs(unit, request) === null).toBe(isFree);
  });

  test('eight coils look like one', () => {
    const owed = createOwedReplies(clock);
    owed.owe(1, { table: 'coil', address: 5, count: 8 }, { question: 1, sentAtMs: 0, timeoutMs: 100 });
    expect(owed.heldUntilMs(1, { table: 'coil', address: 90, count: 1 })).not.toBeNull();
  });

  test('the debt ends with the reply, or when its time is over', () => {
    const owed = owing();
    clock.advance(700);
    expect(owed.pay(replyOf(1, 34))).toBe(700);
    expect(owed.heldUntilMs(1, holding(200))).toBeNull();

    const waiting = owing();
    clock.advance(1_999);
    expect(waiting.heldUntilMs(1, holding(200))).not.toBeNull();
    clock.advance(1);
    expect(waiting.heldUntilMs(1, holding(200))).toBeNull();
  });

  test('a reply that is later still teaches to wait longer', () => {
    const owed = owing();
    clock.advance(5_000);
    expect(owed.pay(replyOf(1, 34))).toBe(5_000);
    owed.owe(1, holding(100), { question: 2, sentAtMs: clock.monotonicMs(), timeoutMs: 100 });
    clock.advance(9_000);
    expect(owed.heldUntilMs(1, holding(200))).not.toBeNull();
  });

  test('an exception could belong to it', () => {
    const owed = owing();
    expect(owed.isExceptionInDoubt(1, holding(200, 2))).toBe(true);
    expect(owed.isExceptionInDoubt(1, holding(100))).toBe(false);
    expect(owed.isExceptionInDoubt(1, { ...holding(200), table: 'input' })).toBe(false);
  });

  test('a reply that nobody asked for holds up its like', () => {
    const owed = createOwedReplies(clock);
    owed.distrust(replyOf(1, 34));
    expect(owed.heldUntilMs(1, holding(100))).not.toBeNull();
    expect(owed.heldUntilMs(1, holding(100, 2))).toBeNull();
  });
});

describe('a line of replies that are late, damaged, torn or lost', () => {
  test.each([1, 2, 3])('delivers no value of another register (seed %i)', async seed => {
    const figures = await ownClientInMemory({ reads: 1_500, seed, misbehaviour: MISBEHAVIOUR });
    expect(figures.wrong).toBe(0);
    expect(figures.delivered).toBeGreaterThan(1_200);
    expect(figures.lateDropped).toBeGreaterThan(20);
  });
});

describe('the usual library on such a line', () => {
  const cleanUps: (() => void)[] = [];
  afterEach(() => {
    for (const cleanUp of cleanUps.splice(0)) cleanUp();
  });

  test('gives one register’s value for another after a single late reply', async () => {
    let requests = 0;
    const server = createServer(socket => {
      socket.on('error', () => {});
      socket.on('data', request => {
        const value = heldBy(1, request.readUInt16BE(2));
        const reply = encodeRtu({ unit: 1, pdu: Uint8Array.of(3, 2, value >> 8, value & 0xff) });
        requests += 1;
        if (requests === 1) setTimeout(() => socket.write(reply), 150);
        else setTimeout(() => socket.write(reply), 60);
      });
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const client = new Modbus.default();
    cleanUps.push(() => {
      client.close(() => {});
      server.close();
    });
    await client.connectTelnet('127.0.0.1', { port: (server.address() as AddressInfo).port });
    client.setTimeout(100);
    client.setID(1);
    await expect(client.readHoldingRegisters(100, 1)).rejects.toThrow();
    const { data } = await client.readHoldingRegisters(200, 1);
    expect(data[0]).toBe(heldBy(1, 100));
    expect(data[0]).not.toBe(heldBy(1, 200));
  });
});
