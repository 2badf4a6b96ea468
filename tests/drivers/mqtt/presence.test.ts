import { describe, expect, test } from 'vitest';
import { createPresence } from '../../../src/drivers/mqtt/presence.ts';
import type { Reading } from '../../../src/readings/reading.ts';
import { manualClock } from '../../support/manual-clock.ts';

function watch() {
  const clock = manualClock();
  const emitted: Reading[] = [];
  const presence = createPresence(
    [
      { id: 'shelf', silenceMs: 6_000 },
      { id: 'label', silenceMs: null },
    ],
    clock,
    readings => emitted.push(...readings),
  );
  presence.start();
  const told = () =>
    emitted.splice(0).map(reading => {
      if (reading.kind === 'presence') return `${reading.device} ${reading.state} ${reading.reason ?? '-'}`;
      if (reading.kind !== 'point' || reading.quality.level === 'good') return 'unexpected';
      return `${reading.device}.${reading.point} ${reading.value} ${reading.quality.reason}`;
    });
  return { clock, presence, told };
}

describe('the presence of a device', () => {
  test('is told when it changes and not again', () => {
    const { presence, told } = watch();
    presence.heard('shelf');
    presence.heard('shelf');
    presence.said('shelf', 'online');
    expect(told()).toEqual(['shelf online -']);
  });

  test('ends with its last will and comes back with its next message', () => {
    const { presence, told } = watch();
    presence.said('label', 'online');
    presence.said('label', 'offline');
    presence.left('label');
    presence.heard('label');
    expect(told()).toEqual(['label online -', 'label offline comms', 'label online -']);
  });

  test('ends when it is silent for longer than its profile allows, and takes its values back', () => {
    const { clock, presence, told } = watch();
    presence.heard('shelf');
    presence.valued('shelf', ['battery']);
    clock.advance(6_000);
    expect(told()).toEqual(['shelf online -']);
    clock.advance(2_000);
    expect(told()).toEqual(['shelf offline stale', 'shelf.battery null stale']);
    clock.advance(60_000);
    expect(told()).toEqual([]);
  });

  test('is missed even when the device was never heard since the start', () => {
    const { clock, told } = watch();
    clock.advance(8_000);
    expect(told()).toEqual(['shelf offline stale']);
  });

  test('is not doubted by the silence of a device that may be silent', () => {
    const { clock, presence, told } = watch();
    presence.heard('label');
    clock.advance(86_400_000);
    expect(told().filter(line => line.startsWith('label'))).toEqual(['label online -']);
  });

  test('is unknown for all while the broker is away, and silence then proves nothing', () => {
    const { clock, presence, told } = watch();
    presence.heard('shelf');
    presence.linkLost();
    expect(told()).toEqual(['shelf online -', 'shelf unknown comms', 'label unknown comms']);
    clock.advance(60_000);
    expect(told()).toEqual([]);
    presence.linkBack();
    clock.advance(5_000);
    presence.heard('shelf');
    expect(told()).toEqual(['shelf online -']);
  });

  test('of a device that the site does not have is nobody’s concern', () => {
    const { presence, told } = watch();
    presence.heard('stranger');
    presence.left('stranger');
    expect(told()).toEqual([]);
    expect(presence.stateOf('stranger')).toBe('unknown');
  });
});
