import { describe, expect, test } from 'vitest';
import { createRoutes } from '../../../src/drivers/mqtt/routes.ts';
import { testSite } from './test-store.ts';

const routes = createRoutes(testSite());

describe('a topic leads to a device and what it says', () => {
  test.each([
    ['aisle/v1/shelf-a1/weights', 'shelf-a1', 'weights'],
    ['aisle/v1/shelf-a1/battery', 'shelf-a1', 'point'],
    ['aisle/v1/shelf-a1/presence', 'shelf-a1', 'presence'],
    ['aisle/v1/till-1/sale', 'till-1', 'sale'],
    ['aisle/v1/label-a1-1/ack/show', 'label-a1-1', 'ack'],
    ['milesight/uplink/door-main', 'door-main', 'message'],
  ])('%s', (topic, device, kind) => {
    const route = routes.find(topic);
    expect([route?.device.id, route?.meaning.kind]).toEqual([device, kind]);
  });

  test.each([
    ['aisle/v1/shelf-a1/air_temperature', 'shelf-a1'],
    ['aisle/v1/label-a1-1/ack/dance', 'label-a1-1'],
    ['aisle/v1/shelf-z9/weights', undefined],
    ['aisle/v1/shelf-a1x/weights', undefined],
    ['milesight/uplink', undefined],
    ['constructor', undefined],
  ])('%s leads nowhere, though %s may own it', (topic, owner) => {
    expect(routes.find(topic)).toBeNull();
    expect(routes.ownerOf(topic)?.id).toBe(owner);
  });

  test('a handful of filters covers all of them', () => {
    expect([...routes.filters].sort()).toEqual(['aisle/v1/+/+', 'aisle/v1/+/ack/+', 'milesight/uplink/+']);
  });
});
