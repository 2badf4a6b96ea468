import type { LabelView } from '../../store/views.ts';

export type LabelMark = 'ok' | 'waiting' | 'failed' | 'never';

/** A label is right only when it acknowledged the price that is wanted now. */
export function labelMark(label: LabelView): LabelMark {
  if (label.state === 'failed') return 'failed';
  if (label.shownMinor === null) return label.state === 'requested' ? 'waiting' : 'never';
  return label.shownMinor === label.wantedMinor && label.state === 'shown' ? 'ok' : 'waiting';
}

export const LABEL_WORDS: Record<LabelMark, string> = {
  ok: 'shows the price',
  waiting: 'not yet acknowledged',
  failed: 'refused the price',
  never: 'never showed a price',
};

const URGENCY: Record<LabelMark, number> = { failed: 0, never: 1, waiting: 2, ok: 3 };

/** What needs a person first, then by place. */
export const labelsByUrgency = (labels: readonly LabelView[]): readonly LabelView[] =>
  labels.toSorted(
    (a, b) =>
      URGENCY[labelMark(a)] - URGENCY[labelMark(b)] ||
      a.facing.localeCompare(b.facing, 'en', { numeric: true }),
  );
