import { useState } from 'preact/hooks';
import type { LabelView } from '../../store/views.ts';
import { count } from '../model/formats.ts';
import { LABEL_WORDS, type LabelMark, labelMark, labelsByUrgency } from '../model/label-state.ts';
import { Age } from '../parts/age.tsx';
import { useStore } from '../parts/context.tsx';
import { Empty, Heading } from '../parts/empty.tsx';
import { type MarkKind, State } from '../parts/mark.tsx';

const MARK: Record<LabelMark, MarkKind> = { ok: 'ok', waiting: 'low', failed: 'out', never: 'none' };
const SHOWN = 120;

/** Each label as it hangs on the shelf: what it shows, and what it should show. */
export function LabelsView() {
  const { labels } = useStore();
  const [search, setSearch] = useState('');
  const all = labels.all.value;
  const wanted = search.trim().toLowerCase();
  const found = labelsByUrgency(all).filter(label =>
    `${label.facing} ${label.name} ${label.gtin} ${label.label}`.toLowerCase().includes(wanted),
  );
  const right = all.filter(label => labelMark(label) === 'ok').length;
  return (
    <>
      <Heading title="Labels">
        {all.length > 0 && (
          <span class="soft">
            {right} of {count(all.length, 'label')} show the wanted price
          </span>
        )}
        <input
          class="search"
          type="search"
          placeholder="Item, facing or GTIN"
          aria-label="Search labels"
          value={search}
          onInput={event => setSearch(event.currentTarget.value)}
        />
      </Heading>
      {all.length === 0 && (
        <Empty title="No electronic label yet">
          Name a label device in the <code>label</code> column of <code>planogram.csv</code>.
        </Empty>
      )}
      {all.length > 0 && found.length === 0 && <p class="soft">No label matches “{search}”.</p>}
      <div class="labels">
        {found.slice(0, SHOWN).map(label => (
          <LabelCard label={label} key={label.label} />
        ))}
      </div>
      {found.length > SHOWN && <p class="soft">{found.length - SHOWN} more; search to find them.</p>}
    </>
  );
}

function LabelCard({ label }: { label: LabelView }) {
  const { formats } = useStore();
  const mark = labelMark(label);
  const money = (minor: number | null) => (minor === null ? '–' : formats.value.money(minor));
  return (
    <article class="panel label">
      <a class={`paper ${label.shownMinor === null ? 'paper-blank' : ''}`} href={`/item/${label.gtin}`}>
        <span>{label.name}</span>
        <b>{label.shownMinor === null ? 'blank' : money(label.shownMinor)}</b>
      </a>
      <p class="label-state">
        <State kind={MARK[mark]} word={LABEL_WORDS[mark]} />
      </p>
      <p class="label-foot soft">
        <span>
          {label.facing} · {label.label}
        </span>
        {mark === 'ok' ? (
          <Age atMs={label.changedAtMs} />
        ) : (
          <strong class="label-wanted">wanted {money(label.wantedMinor)}</strong>
        )}
      </p>
      {label.detail && <p class="soft">{label.detail}</p>}
    </article>
  );
}
