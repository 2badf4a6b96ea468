export type PartState = 'starting' | 'ok' | 'degraded' | 'failed' | 'stopping' | 'stopped';

export interface PartHealth {
  readonly state: PartState;
  /** One sentence for a person; absent when there is nothing to say. */
  readonly detail?: string;
}

/**
 * A piece of the gateway with a life of its own. The composition root starts parts in list order
 * (downstream first) and stops them backwards. `stop` is idempotent and returns within `deadlineMs`.
 */
export interface Part {
  readonly name: string;
  start(): Promise<void>;
  stop(deadlineMs: number): Promise<void>;
  health(): PartHealth;
}
