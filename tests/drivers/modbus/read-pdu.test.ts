import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { decodeRead, encodeRead, type ReadRequest } from '../../../src/drivers/modbus/read-pdu.ts';

const holding: ReadRequest = { table: 'holding', address: 107, count: 3 };
const coils: ReadRequest = { table: 'coil', address: 19, count: 19 };
const bytes = (hex: string) => Buffer.from(hex, 'hex');

describe('reading requests and answers, with the examples of the specification', () => {
  test.each<[string, ReadRequest, string]>([
    ['coils', coils, '0100130013'],
    ['discrete inputs', { table: 'discrete', address: 196, count: 22 }, '0200c40016'],
    ['holding registers', holding, '03006b0003'],
    ['input registers', { table: 'input', address: 8, count: 1 }, '0400080001'],
  ])('a request for %s', (_table, request, hex) => {
    expect(Buffer.from(encodeRead(request)).toString('hex')).toBe(hex);
  });

  test('registers come high byte first', () => {
    expect(decodeRead(holding, bytes('0306022b00000064'))).toEqual({ kind: 'values', values: [555, 0, 100] });
  });

  test('bits come low bit first, without the padding', () => {
    expect(decodeRead(coils, bytes('0103cd6b05'))).toEqual({
      kind: 'values',
      values: [1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1],
    });
  });

  test.each<[string, string, object]>([
    ['an exception names its code', '8302', { kind: 'exception', code: 2 }],
    ['another function is not our answer', '0406022b00000064', { kind: 'wrong', what: 'function' }],
    ['the exception of another function neither', '8402', { kind: 'wrong', what: 'function' }],
    ['fewer registers than asked', '0304022b0000', { kind: 'wrong', what: 'length' }],
    ['a byte count that lies', '0308022b00000064', { kind: 'wrong', what: 'length' }],
    ['an exception without a code', '83', { kind: 'wrong', what: 'length' }],
  ])('%s', (_what, hex, answer) => {
    expect(decodeRead(holding, bytes(hex))).toEqual(answer);
  });

  property.prop([fc.uint8Array({ minLength: 1, maxLength: 253 })], { seed: 5 })(
    'any bytes give an answer',
    pdu => {
      expect(['values', 'exception', 'wrong']).toContain(decodeRead(coils, pdu).kind);
    },
  );
});
