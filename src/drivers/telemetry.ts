import type { PointKey } from '../readings/points.ts';
import { bad, type QualityReason } from '../readings/quality.ts';
import type { DeviceState, PointReading, Reading } from '../readings/reading.ts';
import { limits } from '../shared/limits.ts';
import type { PartHealth } from '../shared/part.ts';
import type { DriverContext } from './driver.ts';
import type { PointValue } from './point-value.ts';

/** What a polling driver says about one device. */
export interface Telemetry {
  readonly device: string;
  /** Values read just now; `eventTimeMs` is the device's own time where it is to be believed. */
  values(values: readonly TimedValue[]): void;
  /** The device does not answer: all its points lose their value. */
  silent(points: readonly PointKey[]): void;
  /** Reported and logged only when it changes. */
  presence(state: DeviceState, reason: QualityReason | null): void;
  state(): DeviceState;
}

export interface TimedValue extends PointValue {
  readonly point: PointKey;
  readonly eventTimeMs?: number;
}

export type Report = (readings: readonly Reading[], onRefused?: () => void) => void;

/**
 * Hands telemetry to the inbox without waiting for its commit, so that a slow disk never slows a bus.
 * When too much is uncommitted, new values are dropped and counted: the next poll brings newer ones.
 */
export function createReport(context: DriverContext, protocol: string): Report {
  let uncommitted = 0;
  return (readings, onRefused) => {
    const isTelemetry = readings.every(reading => reading.kind === 'point');
    if (isTelemetry && uncommitted >= limits.telemetryUncommitted) {
      context.counters.add(
        'driver_readings_dropped_total',
        { protocol, reason: 'uncommitted' },
        readings.length,
      );
      return;
    }
    uncommitted += 1;
    void context.submit(readings).then(outcome => {
      uncommitted -= 1;
      if (outcome.status !== 'refused') return;
      onRefused?.();
      context.counters.add('driver_readings_dropped_total', { protocol, reason: 'refused' }, readings.length);
    });
  };
}

export function createTelemetry(device: string, context: DriverContext, report: Report): Telemetry {
  let current: DeviceState = 'unknown';
  // What the inbox took; a refused change is told again with the next poll.
  let told: DeviceState = 'unknown';
  return {
    device,
    values(values) {
      const nowMs = context.clock.nowMs();
      if (values.length > 0) report(values.map(value => pointReading(device, value, nowMs)));
    },
    silent(points) {
      const nowMs = context.clock.nowMs();
      const none = { value: null, quality: bad('comms') };
      if (points.length > 0) report(points.map(point => pointReading(device, { point, ...none }, nowMs)));
    },
    presence(state, reason) {
      if (state !== current) {
        const level = state === 'online' ? 'info' : 'warn';
        context.log[level]({ device, state, reason }, `${device} is ${state}`);
      }
      current = state;
      if (state === told) return;
      told = state;
      const nowMs = context.clock.nowMs();
      report([{ kind: 'presence', device, state, reason, eventTimeMs: nowMs, receivedTimeMs: nowMs }], () => {
        if (told === state) told = 'unknown';
      });
    },
    state: () => current,
  };
}

function pointReading(device: string, timed: TimedValue, nowMs: number): PointReading {
  const { point, value, quality, eventTimeMs = nowMs } = timed;
  return { kind: 'point', device, point, value, quality, eventTimeMs, receivedTimeMs: nowMs };
}

/** Ok while every device answers; one sentence naming those that do not. */
export function telemetryHealth(devices: readonly Telemetry[]): PartHealth {
  const lost = devices.filter(device => device.state() === 'offline').map(device => device.device);
  if (lost.length === 0) return { state: 'ok' };
  return {
    state: 'degraded',
    detail: `${lost.length} of ${devices.length} devices do not answer: ${lost.slice(0, 5).join(', ')}`,
  };
}
