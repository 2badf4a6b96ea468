/** A write to a device that a person asked for. The same id is done once and answered again. */
export interface DeviceOrder {
  readonly id: string;
  readonly device: string;
  /** One of the writes that the device's profile lists. */
  readonly name: string;
  readonly body: Readonly<Record<string, number | boolean>>;
  /** Some writes are for technicians only. */
  readonly role: 'operator' | 'technician';
}

/** How it went, after the device was read back where its profile says how. */
export interface OrderOutcome {
  readonly done: boolean;
  /** Why not, or what there is to know, in words. */
  readonly detail: string | null;
}
