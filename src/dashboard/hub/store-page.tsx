import { useState } from 'preact/hooks';
import type { HubStockPageView, HubStoreView } from '../../hub/web/views.ts';
import { ageWords } from '../model/age.ts';
import { Heading } from '../parts/empty.tsx';
import { State } from '../parts/mark.tsx';
import { useHub } from './hub-state.ts';
import { Ago, Nothing, Row } from './parts.tsx';
import { StockTable } from './stock-view.tsx';
import { lagOf, nameOf, standingOf } from './store-words.ts';
import { useHubAnswer } from './use-hub-answer.ts';

/** One store as the hub knows it. */
export function StorePage({ gln }: { gln: string }) {
  const { stores, now } = useHub();
  if (stores.value === null) return <p class="empty empty-loading">Asking the hub …</p>;
  const store = stores.value.find(each => each.gln === gln);
  if (!store) {
    return (
      <Nothing title={`Store ${gln} has never connected`}>
        <a href="/">All stores</a>
      </Nothing>
    );
  }
  const { kind, word, troubles } = standingOf(store, now.value);
  return (
    <>
      <Heading title={nameOf(store)}>
        <State kind={kind} word={word} />
        {troubles
          .filter(trouble => trouble !== word)
          .map(trouble => (
            <State kind="low" word={trouble} key={trouble} />
          ))}
        <span class="soft mono">{store.gln}</span>
      </Heading>
      <div class="store-page">
        <Link store={store} />
        <Health store={store} />
        <Configuration store={store} />
        <Stock gln={gln} />
      </div>
    </>
  );
}

function Link({ store }: { store: HubStoreView }) {
  const lag = lagOf(store);
  const share = store.lastSeq === 0 ? 1 : store.ackedSeq / store.lastSeq;
  return (
    <section class="panel">
      <h2>
        Link <State kind={store.online ? 'ok' : 'out'} word={store.online ? 'connected' : 'not connected'} />
      </h2>
      <p class="cloud-figure">
        <b>{lag.toLocaleString('en')}</b>
        <span class="soft">{lag === 1 ? 'event' : 'events'} that the store has and the hub has not</span>
      </p>
      <span class="bar" aria-hidden="true">
        <span class="bar-fill" style={{ width: `${share * 100}%` }} />
      </span>
      <dl class="facts">
        <Row name="Heard">
          <Ago atMs={store.heardAtMs} form="ago" />
        </Row>
        <Row name="Stored">
          {store.ackedSeq.toLocaleString('en')} of {store.lastSeq.toLocaleString('en')}
        </Row>
        <Row name="Put aside">{store.quarantined.toLocaleString('en')}</Row>
        <Row name="Receipts disputed">{store.receiptsDisputed.toLocaleString('en')}</Row>
        <Row name="Epoch">
          <span class="mono">{store.epoch}</span>
        </Row>
      </dl>
      {!store.online && <p class="soft">The store goes on by itself; what it sees comes when it is back.</p>}
    </section>
  );
}

function Health({ store: { health, version } }: { store: HubStoreView }) {
  return (
    <section class="panel">
      <h2>Health, as it last said</h2>
      {health ? (
        <dl class="facts">
          <Row name="Devices that answer">
            {health.devicesOnline} of {health.devices}
          </Row>
          <Row name="Errors lately">{health.errors}</Row>
          <Row name="Disagreements lately">{health.discrepancies}</Row>
          <Row name="Backlog">
            {health.pendingEvents.toLocaleString('en')} events, {Math.round(health.budgetUsed * 100)} % of its
            room
          </Row>
          <Row name="Running for">{ageWords(health.uptimeSeconds * 1000)}</Row>
          <Row name="Version">{version}</Row>
        </dl>
      ) : (
        <p class="soft">
          It has said nothing of itself yet; a store does every 15 seconds. Version {version}.
        </p>
      )}
    </section>
  );
}

function Configuration({ store: { configuration } }: { store: HubStoreView }) {
  return (
    <section class="panel">
      <h2>Configuration</h2>
      {configuration ? (
        <dl class="facts">
          <Row name="Policies">
            {configuration.version === 0 ? "the store's own files" : `version ${configuration.version}`}
          </Row>
          <Row name="Hash">
            <span class="mono">{configuration.hash.slice(0, 12) || 'none'}</span>
          </Row>
          <Row name="Price list">{configuration.priceList || 'none'}</Row>
        </dl>
      ) : (
        <p class="soft">It has not said how it is configured.</p>
      )}
    </section>
  );
}

function Stock({ gln }: { gln: string }) {
  const { data, error } = useHubAnswer<HubStockPageView>(`/stock?store=${gln}`);
  const [typed, setTyped] = useState('');
  const rows = (data?.stock ?? []).filter(row => row.gtin.includes(typed.trim()));
  return (
    <section class="panel store-stock">
      <h2>
        Stock
        <input
          class="search"
          type="search"
          inputMode="numeric"
          placeholder="Part of a GTIN"
          aria-label="Search items"
          value={typed}
          onInput={event => setTyped(event.currentTarget.value)}
        />
      </h2>
      {error !== null && data === null && <p class="soft">{error}</p>}
      {data !== null && rows.length === 0 && <p class="soft">No item here.</p>}
      {rows.length > 0 && <StockTable rows={rows} by="item" />}
      {data?.next && <p class="soft">These are its first {data.stock.length} items.</p>}
    </section>
  );
}
