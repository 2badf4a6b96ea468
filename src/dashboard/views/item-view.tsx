import { useState } from 'preact/hooks';
import type { MovementView, StockView } from '../../store/views.ts';
import { gateway } from '../data/gateway-client.ts';
import { amount } from '../model/formats.ts';
import { evidenceWords, movementWords } from '../model/movement-words.ts';
import { promiseTerms } from '../model/promise-sum.ts';
import { Age } from '../parts/age.tsx';
import { useStore } from '../parts/context.tsx';
import { Empty, Heading } from '../parts/empty.tsx';
import { Icon } from '../parts/icon.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { FacingTile } from './facing-tile.tsx';
import { WhyPanel } from './why-panel.tsx';

const PAGE = 50;

/** One item: where its units are, what may be promised, and every movement with its evidence. */
export function ItemView({ gtin }: { gtin: string }) {
  const { stock, facings, loaded } = useStore();
  // The list of items decides whether this one is there; its own signal then redraws the page.
  const known = stock.ids.value.includes(gtin);
  const item = known ? stock.of(gtin)?.value : undefined;
  if (!item) {
    return (
      <Empty title={loaded.value ? `This store does not sell ${gtin}` : 'Item'}>
        Add it to <code>items.csv</code> and <code>planogram.csv</code>, or{' '}
        <a href="/">go back to the store</a>.
      </Empty>
    );
  }
  const places = facings.all.value.filter(facing => facing.gtin === gtin);
  return (
    <>
      <a class="back" href="/">
        <Icon name="back" /> Store
      </a>
      <Heading title={item.name}>
        <span class="soft mono">{item.gtin}</span>
        <span class="soft">{item.temperatureClass}</span>
      </Heading>
      <div class="item">
        <div class="item-main">
          <Flow item={item} />
          <WhyPanel gtin={gtin} seq={item.seq} />
          <Timeline gtin={gtin} seq={item.seq} />
        </div>
        <div class="item-side">
          <PromiseSum item={item} />
          <section class="panel item-facings">
            <h2>On the shelf</h2>
            <div class="fixtures">
              <div class="shelf" style={{ '--facings': places.length }}>
                {places.map(({ facing }) => {
                  const view = facings.of(facing);
                  return view && <FacingTile facing={view} key={facing} />;
                })}
              </div>
            </div>
          </section>
        </div>
      </div>
    </>
  );
}

function Flow({ item }: { item: StockView }) {
  const { places } = item;
  const steps = [
    { name: 'Backroom', units: item.backroom },
    { name: 'Shelf', units: item.onShelf },
    { name: 'Carts', units: item.inCart },
    { name: 'Customers', units: places.customer ?? 0 },
  ];
  // Below zero, a place outside the store is only where the first units came from.
  const aside = (['staged', 'hold', 'returns', 'waste', 'unaccounted'] as const).filter(
    place => (places[place] ?? 0) > 0,
  );
  return (
    <section class="panel item-flow">
      <h2>
        Where it is <Age atMs={item.updatedAtMs} form="ago" none="nothing has moved yet" />
      </h2>
      <ol class="flow">
        {steps.map(({ name, units }) => (
          <li class="flow-step" key={name}>
            <b>{amount(units, item.unit)}</b>
            <span>{name}</span>
          </li>
        ))}
      </ol>
      {item.piecesOnShelf && (
        <p class="soft">
          On the shelf that is {item.piecesOnShelf.least} to {item.piecesOnShelf.most} pieces.
        </p>
      )}
      {aside.length > 0 && (
        <p class="soft">
          Besides:{' '}
          {aside
            .map(place => `${amount(places[place] ?? 0, item.unit)} ${place === 'hold' ? 'on hold' : place}`)
            .join(', ')}
        </p>
      )}
    </section>
  );
}

function PromiseSum({ item }: { item: StockView }) {
  return (
    <section class="panel item-promise">
      <h2>May be promised online</h2>
      <dl class="sum">
        {promiseTerms(item).map(term => (
          <div class="sum-line" key={term.label}>
            <dt>{term.label}</dt>
            <dd>
              {term.sign} {amount(term.units, item.unit)}
            </dd>
          </div>
        ))}
        <div class="sum-line sum-total">
          <dt>available to promise</dt>
          <dd>{amount(item.availableToPromise, item.unit)}</dd>
        </div>
      </dl>
    </section>
  );
}

function Timeline({ gtin, seq }: { gtin: string; seq: number }) {
  const [limit, setLimit] = useState(PAGE);
  const { data, error } = useAsked(() => gateway.movements(gtin, limit), `${gtin} ${seq} ${limit}`);
  return (
    <section class="panel item-timeline">
      <h2>Movements</h2>
      {error && <p class="soft">Movements cannot be read now: {error}.</p>}
      {data?.length === 0 && (
        <Empty title="Nothing has moved yet">
          A delivery, a sale or a hand at the shelf will show up here.
        </Empty>
      )}
      <ol class="timeline">
        {data?.map(movement => (
          <TimelineEntry movement={movement} key={movement.seq} />
        ))}
      </ol>
      {data && data.length === limit && (
        <button type="button" class="button" onClick={() => setLimit(Math.min(1000, limit + PAGE))}>
          Older
        </button>
      )}
    </section>
  );
}

function TimelineEntry({ movement }: { movement: MovementView }) {
  const { formats } = useStore();
  const words = movementWords(movement);
  return (
    <li class="timeline-entry">
      <span class={`feed-icon feed-${words.direction}`}>
        <Icon name={words.direction} />
      </span>
      <span class="timeline-text">
        <span>
          <b>{amount(movement.quantity, movement.unit)}</b> {words.action} {words.place}
        </span>
        <small class="soft">{evidenceWords(movement)}</small>
      </span>
      <span class="timeline-time">
        {formats.value.seconds(movement.eventTimeMs)}
        <small class="soft">
          <Age atMs={movement.eventTimeMs} form="ago" />
        </small>
      </span>
    </li>
  );
}
