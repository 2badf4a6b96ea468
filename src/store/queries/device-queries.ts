import type { QualityReason } from '../../readings/quality.ts';
import type { DeviceState } from '../../readings/reading.ts';
import type { Database } from '../database.ts';
import type { DeviceCounts, DeviceView, LiveSource, Queries } from '../views.ts';

interface DeviceRow extends Omit<DeviceView, 'values' | 'vitals' | 'lastSeenMs'> {
  readonly state: DeviceState;
  readonly reason: QualityReason | null;
  readonly seenMs: number | null;
}

const devicesSql = (where: '' | 'WHERE device = ?') => `
  SELECT device, profile, model, kind, protocol, bound_to AS boundTo, coalesce(state, 'unknown') AS state,
    reason, since_ms AS sinceMs, seen_ms AS seenMs
  FROM site_device LEFT JOIN device_state USING (device) ${where} ORDER BY kind, device`;

/** Every device of the site with its state from the log and its latest values from memory. */
export function createDeviceQueries(
  { connection }: Database,
  live: LiveSource,
): Pick<Queries, 'devices' | 'deviceOf' | 'deviceCounts'> {
  const all = connection.prepare<[], DeviceRow>(devicesSql(''));
  const one = connection.prepare<[string], DeviceRow>(devicesSql('WHERE device = ?'));
  const counts = connection.prepare<[], DeviceCounts>(`
    SELECT count(*) AS devices, count(*) FILTER (WHERE state = 'online') AS online,
      count(*) FILTER (WHERE state = 'offline') AS offline
    FROM site_device LEFT JOIN device_state USING (device)`);
  const view = ({ seenMs, ...device }: DeviceRow): DeviceView => {
    const lastSeenMs = live.lastSeenMs(device.device) ?? seenMs;
    const vitals = live.vitalsOf(device.device);
    return { ...device, lastSeenMs, vitals, values: live.valuesOf(device.device) };
  };
  return {
    devices: () => all.all().map(view),
    deviceCounts: () => counts.get() ?? { devices: 0, online: 0, offline: 0 },
    deviceOf(device) {
      const row = one.get(device);
      return row ? view(row) : null;
    },
  };
}
