import { describe, expect, test } from 'vitest';
import {
  lacksIdentity,
  malformedConnect,
  mayPublish,
  maySubscribe,
} from '../../../src/drivers/mqtt/broker-rules.ts';

describe('where a client may publish', () => {
  test.each([
    ['aisle/v1/shelf-a1/weights', true],
    ['aisle/v1/label-a1-1/ack/show', true],
    ['milesight/uplink/door-main', true],
    ['anything/else', true],
    ['aisle/v1/storeroom/weights', true],
    ['aisle/v1/store', false],
    ['aisle/v1/store/stock/09521321001015', false],
    ['aisle/v1/label-a1-1/command/show', false],
    ['$SYS/broker/uptime', false],
    ['$share/group/topic', false],
    ['a/b/c/d/e/f/g/h', true],
    ['a/b/c/d/e/f/g/h/i', false],
  ])('%s: %s', (topic, allowed) => {
    expect(mayPublish(topic)).toBe(allowed);
  });
});

describe('what a client may subscribe to', () => {
  test.each([
    ['aisle/v1/store/stock/#', true],
    ['#', true],
    ['$share/group/aisle/#', false],
    ['', false],
    ['a\u0000b', false],
    ['a/b/c/d/e/f/g/h/i', false],
  ])('%j: %s', (filter, allowed) => {
    expect(maySubscribe(filter)).toBe(allowed);
  });
});

describe('a CONNECT', () => {
  const will = { topic: 'aisle/v1/shelf-a1/presence', payload: Buffer.from('offline') };
  test.each([
    ['with an ordinary will', { clientId: 'shelf-a1', will }, false],
    ['with U+0000 in its client id', { clientId: 'a\u0000b' }, true],
    ['with invalid UTF-8 in its client id', { clientId: 'a\ufffdb' }, true],
    ['with an empty will topic', { clientId: 'a', will: { ...will, topic: '' } }, true],
  ])('%s is malformed: %s', (_what, packet, malformed) => {
    expect(malformedConnect(packet)).toBe(malformed);
  });

  test('without a client id must ask for a clean session', () => {
    expect(lacksIdentity({ clientId: '', clean: false })).toBe(true);
    expect(lacksIdentity({ clientId: '', clean: true })).toBe(false);
    expect(lacksIdentity({ clientId: 'a', clean: false })).toBe(false);
  });
});
