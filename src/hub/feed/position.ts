/** How far a reader of the feed has come: every run up to `run` is done, and of the next one every event up to `seq`. */
export interface Position {
  readonly run: number;
  /** 0 when nothing of the next run is done. */
  readonly seq: number;
}

export const BEGINNING: Position = { run: 0, seq: 0 };

/** `17`, or `17/230` within a run. */
export const positionText = ({ run, seq }: Position): string => (seq === 0 ? `${run}` : `${run}/${seq}`);

/** Null when it is not one of ours. */
export function parsePosition(text: string): Position | null {
  const [, run, seq] = /^(\d{1,15})(?:\/(\d{1,15}))?$/.exec(text) ?? [];
  return run === undefined ? null : { run: Number(run), seq: Number(seq ?? 0) };
}
