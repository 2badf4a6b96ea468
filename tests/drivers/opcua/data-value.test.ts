import { describe, expect, test } from 'vitest';
import { eventTimeOf, pointValueOf, qualityOf } from '../../../src/drivers/opcua/data-value.ts';
import { resolveNode } from '../../../src/drivers/opcua/node-address.ts';

const GOOD = { value: 0, name: 'Good' };
const NOW_MS = Date.UTC(2026, 0, 5, 8);

describe('a node address', () => {
  const namespaces = ['http://opcfoundation.org/UA/', 'urn:server', 'urn:plant;v2'.replace(';', ':')];
  test.each([
    ['nsu=urn:plant:v2;s=Air.Temperature', 'ns=2;s=Air.Temperature'],
    ['nsu=urn:server;i=1001', 'ns=1;i=1001'],
    ['nsu=urn:plant:v2;s=with;semicolon', 'ns=2;s=with;semicolon'],
    ['nsu=urn:other;s=Air', null],
    ['ns=2;s=Air', null],
  ])('%s is %s', (node, expected) => {
    expect(resolveNode(node, namespaces)).toBe(expected);
  });
});

describe('a status code', () => {
  test.each([
    [0x00000000, 'Good', { level: 'good' }],
    [0x00960000, 'GoodLocalOverride', { level: 'good' }],
    [0x40900000, 'UncertainLastUsableValue', { level: 'uncertain', reason: 'stale' }],
    [0x40940000, 'UncertainEngineeringUnitsExceeded', { level: 'uncertain', reason: 'range' }],
    [0x80310000, 'BadNoCommunication', { level: 'bad', reason: 'comms' }],
    [0x80320000, 'BadWaitingForInitialData', { level: 'bad', reason: 'comms' }],
    [0x80340000, 'BadNodeIdUnknown', { level: 'bad', reason: 'device' }],
    [0x808c0000, 'BadSensorFailure', { level: 'bad', reason: 'device' }],
    [0x803c0000, 'BadOutOfRange', { level: 'bad', reason: 'range' }],
  ])('0x%s %s', (value, name, quality) => {
    expect(qualityOf({ value, name })).toEqual(quality);
  });
});

describe('a data value', () => {
  const celsius = { key: 'air_temperature', scale: 0.1, offset: 0, valid: { min: -60, max: 60 } };

  test('is scaled and checked as the profile says', () => {
    expect(pointValueOf(celsius, { statusCode: GOOD, value: { value: 37 } })).toEqual({
      value: 3.7,
      quality: { level: 'good' },
    });
    expect(pointValueOf(celsius, { statusCode: GOOD, value: { value: 900 } })).toMatchObject({
      value: null,
      quality: { reason: 'range' },
    });
  });

  test('that is uncertain keeps its number and says so', () => {
    const statusCode = { value: 0x40900000, name: 'UncertainLastUsableValue' };
    expect(pointValueOf(celsius, { statusCode, value: { value: 37 } })).toEqual({
      value: 3.7,
      quality: { level: 'uncertain', reason: 'stale' },
    });
  });

  test('that is bad has no number, whatever it carries', () => {
    const statusCode = { value: 0x80310000, name: 'BadNoCommunication' };
    expect(pointValueOf(celsius, { statusCode, value: { value: 37 } }).value).toBeNull();
  });

  test.each([[[0, 37]], [null], [undefined], [{}]])('that is no scalar (%j) cannot be read', value => {
    expect(pointValueOf(celsius, { statusCode: GOOD, value: { value } })).toMatchObject({
      quality: { reason: 'format' },
    });
  });

  test.each<[string, number | null, number]>([
    ['its source’s time', -1_000, -1_000],
    ['the source’s time when its clock is a little ahead', 60_000, 60_000],
    ['our time when it has not changed for long', -301_000, 0],
    ['our time when the source’s clock is wrong', 301_000, 0],
    ['our time when it has none', null, 0],
  ])('happened at %s', (_what, sourceMs, eventMs) => {
    const sourceTimestamp = sourceMs === null ? null : new Date(NOW_MS + sourceMs);
    expect(eventTimeOf({ statusCode: GOOD, sourceTimestamp }, NOW_MS)).toBe(NOW_MS + eventMs);
  });
});
