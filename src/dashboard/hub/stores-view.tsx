import { useState } from 'preact/hooks';
import type { HubStoreView } from '../../hub/web/views.ts';
import { count } from '../model/formats.ts';
import { Heading } from '../parts/empty.tsx';
import { State } from '../parts/mark.tsx';
import { useHub } from './hub-state.ts';
import { Ago, Nothing } from './parts.tsx';
import { StoreMap } from './store-map.tsx';
import { isMeant, lagOf, nameOf, standingOf, worstFirst } from './store-words.ts';

/** Rows that a list shows at once; typing finds the others. */
const SHOWN = 200;

/** Every store of the chain: where it is, whether it is heard, how far it is behind. */
export function StoresView() {
  const { stores, now } = useHub();
  const [typed, setTyped] = useState('');
  const all = stores.value;
  if (all === null) return <p class="empty empty-loading">Asking the hub …</p>;
  if (all.length === 0) {
    return (
      <>
        <Heading title="Stores" />
        <Nothing title="No store has connected yet">
          Write this hub's address as <code>cloud.address</code> into a store's <code>site.yaml</code>, or
          start the demo store with <code>npm start</code>.
        </Nothing>
      </>
    );
  }
  const found = worstFirst(
    all.filter(store => isMeant(store, typed)),
    now.value,
  );
  const pins = found.flatMap(store =>
    store.place ? [{ store: { ...store, place: store.place }, standing: standingOf(store, now.value) }] : [],
  );
  return (
    <>
      <Heading title="Stores">
        <Summary stores={all} />
        <input
          class="search"
          type="search"
          placeholder="Name or GLN"
          aria-label="Search stores"
          value={typed}
          onInput={event => setTyped(event.currentTarget.value)}
        />
      </Heading>
      <div class="stores">
        {pins.length > 0 ? (
          <section class="panel map-panel" aria-label="Map">
            <StoreMap pins={pins} />
          </section>
        ) : (
          found.length > 0 && (
            <Nothing title="Nobody said where these stores are">
              Start the hub with <code>--stores stores.csv</code> to see them on a map.
            </Nothing>
          )
        )}
        <section class="panel store-list-panel" aria-label="List">
          {found.length === 0 && <p class="soft">No store has "{typed}" in its name or GLN.</p>}
          <ul class="store-list">
            {found.slice(0, SHOWN).map(store => (
              <StoreRow store={store} key={store.gln} />
            ))}
          </ul>
          {found.length > SHOWN && (
            <p class="soft">{count(found.length - SHOWN, 'more store')}; type a part of the name.</p>
          )}
        </section>
      </div>
    </>
  );
}

function Summary({ stores }: { stores: readonly HubStoreView[] }) {
  const { now } = useHub();
  const kinds = stores.map(store => standingOf(store, now.value).kind);
  const of = (kind: string) => kinds.filter(each => each === kind).length;
  return (
    <span class="summary">
      <State kind="ok" word={`${of('ok')} in step`} />
      {of('low') > 0 && <State kind="low" word={`${of('low')} to look at`} />}
      {of('out') > 0 && <State kind="out" word={`${of('out')} away`} />}
    </span>
  );
}

function StoreRow({ store }: { store: HubStoreView }) {
  const { now } = useHub();
  const { kind, word, troubles } = standingOf(store, now.value);
  const more = troubles.filter(trouble => trouble !== word);
  return (
    <li>
      <a class={`store-row ${store.online ? '' : 'store-row-away'}`} href={`/store/${store.gln}`}>
        <b class="store-name">{nameOf(store)}</b>
        <State kind={kind} word={word} />
        <span class="soft mono store-gln">{store.gln}</span>
        <span class="soft store-lag">
          {more.length > 0 ? `${more.join(', ')} · ` : ''}
          {lagOf(store).toLocaleString('en')} waiting · heard <Ago atMs={store.heardAtMs} form="ago" />
        </span>
      </a>
    </li>
  );
}
