import { countStates, type FixtureLayout, layOut } from '../model/facing-state.ts';
import { count } from '../model/formats.ts';
import { useStore } from '../parts/context.tsx';
import { Empty, Heading } from '../parts/empty.tsx';
import { State } from '../parts/mark.tsx';
import { ConditionStrip } from './condition-strip.tsx';
import { FACING_MARK, FacingTile } from './facing-tile.tsx';
import { MovementFeed } from './movement-feed.tsx';

/** The store as it stands: cold and doors in a strip, the shelves, and what just happened. */
export function StoreView() {
  const { facings } = useStore();
  const all = facings.all.value;
  return (
    <>
      <ConditionStrip />
      <div class="store">
        <section class="store-shelves">
          <Heading title="Shelves">
            <StateSummary />
          </Heading>
          {all.length === 0 ? (
            <Empty title="No shelf yet">
              Add fixtures to <code>planogram.csv</code> of this site, or start the simulated store with{' '}
              <code>npm start</code>.
            </Empty>
          ) : (
            <div class="fixtures">
              {layOut(all).map(fixture => (
                <Fixture layout={fixture} key={fixture.fixture} />
              ))}
            </div>
          )}
        </section>
        <MovementFeed />
      </div>
    </>
  );
}

function StateSummary() {
  const { facings } = useStore();
  const counts = countStates(facings.all.value);
  const shown = (['out', 'low', 'no data', 'ok'] as const).filter(state => counts[state] > 0);
  return (
    <p class="summary" aria-live="off">
      {shown.map(state => (
        <State kind={FACING_MARK[state]} word={`${counts[state]} ${state}`} key={state} />
      ))}
    </p>
  );
}

function Fixture({ layout }: { layout: FixtureLayout }) {
  const { facings } = useStore();
  const facingCount = layout.shelves.reduce((sum, shelf) => sum + shelf.facings.length, 0);
  return (
    <article class="fixture">
      <h2 class="fixture-name">
        Fixture {layout.fixture}
        <span class="soft">{count(facingCount, 'facing')}</span>
      </h2>
      {layout.shelves.map(({ shelf, facings: row }) => (
        <div class="shelf" key={shelf} style={{ '--facings': row.length }}>
          {row.map(({ facing }) => {
            const view = facings.of(facing);
            return view && <FacingTile facing={view} key={facing} />;
          })}
        </div>
      ))}
    </article>
  );
}
