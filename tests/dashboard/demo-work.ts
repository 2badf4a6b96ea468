import type { Place } from '../../src/domain/stock/facts.ts';
import type { Clock } from '../../src/shared/clock.ts';
import {
  explanationSentence,
  movementSentence,
  reasonSentence,
} from '../../src/store/queries/explanation-sentence.ts';
import type { ExplanationView, Queries } from '../../src/store/views.ts';
import { LAYOUT_FACINGS, type LayoutFacing } from './demo-layout.ts';
import type { DemoState } from './demo-state.ts';
import { facingView } from './demo-views.ts';

/** Explanations, tasks and days of the store in memory. */
export function demoWork(
  state: DemoState,
  clock: Clock,
  byGtin: (gtin: string) => readonly LayoutFacing[],
): Pick<Queries, 'whyFacing' | 'whyItem' | 'whyMovement' | 'tasks' | 'taskOf' | 'availability' | 'forecast'> {
  const explain = (layout: LayoutFacing): ExplanationView => {
    const { gtin, name, quantity, countedBy, trouble } = facingView(state, layout);
    const place: Place = `shelf:${layout.facing}`;
    const reasons = state.movements
      .filter(movement => movement.gtin === gtin && (movement.from === place || movement.to === place))
      .map(({ seq, from, quantity: units, cause, confidence, evidence, eventTimeMs }) => {
        const change = from === place ? -units : units;
        const reason = {
          seq,
          change,
          cause,
          confidence,
          evidence,
          documentSeq: null,
          sources: [],
          eventTimeMs,
        };
        return { ...reason, sentence: reasonSentence(reason, clock.nowMs()) };
      })
      .toReversed();
    const confidence = reasons.reduce((sure, reason) => sure * reason.confidence, 1);
    const where = { gtin, name, place, quantity, countedBy, trouble, confidence };
    const view = { ...where, anchor: null, start: 0, reasons, isComplete: true };
    return { ...view, sentence: explanationSentence(view, clock.nowMs()) };
  };
  return {
    whyMovement(seq) {
      const moved = state.movements.find(movement => movement.seq === seq);
      if (!moved) return null;
      const name = LAYOUT_FACINGS.find(({ item }) => item.gtin === moved.gtin)?.item.name ?? moved.gtin;
      const view = { ...moved, name, documentSeq: null, sources: [] };
      return { ...view, sentence: movementSentence(view, clock.nowMs()) };
    },
    whyFacing(facing) {
      const found = LAYOUT_FACINGS.find(each => each.facing === facing);
      return found ? explain(found) : null;
    },
    whyItem(gtin) {
      const places = byGtin(gtin).map(explain);
      const name = places[0]?.name ?? gtin;
      return places.length === 0 ? null : { gtin, name, sentence: `Where ${name} is.`, places };
    },
    tasks: () => [...state.tasks.values()],
    taskOf: task => state.tasks.get(task) ?? null,
    availability: days =>
      [0.981, 0.964, 0.972, 0.991, 0.958, 0.976, 0.983].slice(0, days).map((share, back) => ({
        day: new Date(clock.nowMs() - (back + 1) * 86_400_000).toISOString().slice(0, 10),
        facingMinutes: 43_200,
        stockedMinutes: Math.round(43_200 * share),
        share,
        soldUnits: 420 + back * 7,
      })),
    forecast: () => null,
  };
}
