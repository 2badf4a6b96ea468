import type { MovementView } from '../../store/views.ts';
import { amount } from '../model/formats.ts';
import { movementWords } from '../model/movement-words.ts';
import { Age } from '../parts/age.tsx';
import { useStore } from '../parts/context.tsx';
import { Empty } from '../parts/empty.tsx';
import { Icon } from '../parts/icon.tsx';

const SHOWN = 40;

/** What just happened, in words, newest first. */
export function MovementFeed() {
  const { movements } = useStore();
  const shown = movements.value.slice(0, SHOWN);
  return (
    <aside class="feed" aria-label="Latest movements">
      <h2 class="feed-title">Just now</h2>
      {shown.length === 0 ? (
        <Empty title="Nothing has moved yet">
          Take something from a shelf, or start the simulated store with <code>npm start</code>.
        </Empty>
      ) : (
        <ol class="feed-list">
          {shown.map(movement => (
            <FeedLine movement={movement} key={movement.seq} />
          ))}
        </ol>
      )}
    </aside>
  );
}

function FeedLine({ movement }: { movement: MovementView }) {
  const { stock } = useStore();
  const words = movementWords(movement);
  const name = stock.of(movement.gtin)?.value.name ?? movement.gtin;
  return (
    <li>
      <a class="feed-line" href={`/item/${movement.gtin}`}>
        <span class={`feed-icon feed-${words.direction}`}>
          <Icon name={words.direction} />
        </span>
        <span class="feed-text">
          <b>{amount(movement.quantity, movement.unit)}</b> {name}
          <span class="soft">
            {' '}
            {words.action} <span class="whole">{words.place}</span>
          </span>
        </span>
        <Age atMs={movement.eventTimeMs} />
      </a>
    </li>
  );
}
