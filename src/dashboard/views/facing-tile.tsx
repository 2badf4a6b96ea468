import type { ReadonlySignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { FacingView } from '../../store/views.ts';
import { type FacingState, facingState, fillShare } from '../model/facing-state.ts';
import { amount } from '../model/formats.ts';
import { reasonWords } from '../model/quality-words.ts';
import { Age } from '../parts/age.tsx';
import { useStore } from '../parts/context.tsx';
import { type MarkKind, State } from '../parts/mark.tsx';

export const FACING_MARK: Record<FacingState, MarkKind> = {
  out: 'out',
  low: 'low',
  ok: 'ok',
  'no data': 'none',
};

/** One facing as it stands on the shelf, with its price on the shelf's edge. */
export function FacingTile({ facing }: { facing: ReadonlySignal<FacingView> }) {
  const view = facing.value;
  const firstSeen = useRef(view.changedAtMs);
  const state = facingState(view);
  const percent = (share: number) => `${Math.round(share * 1000) / 10}%`;
  return (
    <a class={`tile tile-${state.replace(' ', '-')}`} href={`/item/${view.gtin}`}>
      {view.changedAtMs !== firstSeen.current && <span class="tile-flash" key={view.changedAtMs} />}
      <span class="tile-name">{view.name}</span>
      <span class="tile-count">
        <b>{amount(view.quantity, view.unit)}</b>
        <small>{state === 'no data' ? 'last' : `of ${amount(view.capacity, view.unit)}`}</small>
      </span>
      <span class="tile-state">
        <State kind={FACING_MARK[state]} word={state} />
        <Age atMs={view.changedAtMs} none="–" />
      </span>
      <span class="tile-note">{noteFor(view, state)}</span>
      <span class="bar" aria-hidden="true">
        <span class="bar-fill" style={{ width: percent(fillShare(view.quantity, view.capacity)) }} />
        <span class="bar-minimum" style={{ left: percent(fillShare(view.minimum, view.capacity)) }} />
      </span>
      <Edge view={view} />
    </a>
  );
}

/** What a person would do or should know. */
function noteFor(view: FacingView, state: FacingState): string {
  if (view.trouble !== null) return `shelf ${reasonWords(view.trouble)}`;
  if (state === 'ok') return view.countedBy === 'documents' ? 'counted by tills' : '';
  return view.backroom > 0 ? `${view.backroom} in the backroom` : 'none in the backroom';
}

function Edge({ view }: { view: FacingView }) {
  const { formats } = useStore();
  const price = view.priceShownMinor;
  return (
    <span class="edge">
      <span class="edge-place">{view.facing}</span>
      {view.label !== null && (
        <span class={`edge-price ${price === null ? 'edge-blank' : ''}`}>
          {price === null ? 'no price' : formats.value.money(price)}
        </span>
      )}
    </span>
  );
}
