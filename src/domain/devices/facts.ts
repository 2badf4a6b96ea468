import type { QualityReason } from '../../readings/quality.ts';
import type { DeviceState } from '../../readings/reading.ts';

/** A device's state changed. */
export interface DeviceFact {
  readonly type: 'device';
  readonly device: string;
  readonly state: DeviceState;
  readonly reason: QualityReason | null;
}
