import type { ExplanationView } from '../../store/views.ts';
import { gateway } from '../data/gateway-client.ts';
import { useAsked } from '../parts/use-asked.ts';

const SHOWN = 6;

/** Why each place has so many: the sentence, how sure it is, and behind it each movement with its evidence. */
export function WhyPanel({ gtin, seq }: { gtin: string; seq: number }) {
  const { data, error } = useAsked(() => gateway.why(gtin), `${gtin} ${seq}`);
  return (
    <section class="panel item-why">
      <h2>Why these numbers</h2>
      {error && <p class="soft">The reasons cannot be read now: {error}.</p>}
      {data?.places.map(place => (
        <Why view={place} key={place.place} />
      ))}
    </section>
  );
}

function Why({ view }: { view: ExplanationView }) {
  const latest = view.reasons.slice(-SHOWN).toReversed();
  return (
    <details class="why">
      <summary>{view.sentence}</summary>
      <ol>
        {latest.map(reason => (
          <li key={reason.seq}>
            {reason.sentence} <span class="soft mono">#{reason.seq}</span>
          </li>
        ))}
      </ol>
      {view.reasons.length > SHOWN && (
        <p class="soft">
          {view.reasons.length - SHOWN} more: <code>/api/v1/stock/{view.gtin}/why</code>
        </p>
      )}
    </details>
  );
}
