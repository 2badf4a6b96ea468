import { useState } from 'preact/hooks';
import type { HubStockPageView, HubStockView } from '../../hub/web/views.ts';
import { count, sureWords } from '../model/formats.ts';
import { Heading } from '../parts/empty.tsx';
import { State } from '../parts/mark.tsx';
import { useHub } from './hub-state.ts';
import { Ago, Nothing } from './parts.tsx';
import { nameOf } from './store-words.ts';
import { useHubAnswer } from './use-hub-answer.ts';

const isGtin = (text: string) => /^(\d{8}|\d{12,14})$/.test(text);

/** One item in every store of the chain. Its address holds the GTIN, so that it can be kept and sent. */
export function StockView({ gtin }: { gtin: string | null }) {
  const [typed, setTyped] = useState(gtin ?? '');
  const text = typed.replaceAll(/\s/g, '');
  const search = (event: Event) => {
    event.preventDefault();
    if (!isGtin(text)) return;
    history.pushState(null, '', `/stock/${text}`);
    dispatchEvent(new PopStateEvent('popstate'));
  };
  return (
    <>
      <Heading title="Stock">
        <form class="stock-search" onSubmit={search}>
          <input
            class="search"
            type="search"
            inputMode="numeric"
            placeholder="GTIN under the bar code"
            aria-label="GTIN"
            value={typed}
            onInput={event => setTyped(event.currentTarget.value)}
          />
          <button class="button" type="submit" disabled={!isGtin(text)}>
            Find
          </button>
        </form>
      </Heading>
      {gtin === null ? (
        <Nothing title="Which item?">
          Type the 8, 12, 13 or 14 digits under its bar code. Every store that has it is listed, with how sure
          its count is and how old.
        </Nothing>
      ) : (
        <Found gtin={gtin} key={gtin} />
      )}
    </>
  );
}

function Found({ gtin }: { gtin: string }) {
  const { data, error } = useHubAnswer<HubStockPageView>(`/stock?gtin=${gtin}`);
  if (error !== null && data === null) return <Nothing title="The hub cannot say">{error}</Nothing>;
  if (data === null) return <p class="empty empty-loading">Asking the hub …</p>;
  const rows = data.stock.toSorted(
    (a, b) => b.available - a.available || (b.confidence ?? 0) - (a.confidence ?? 0),
  );
  if (rows.length === 0) {
    return <Nothing title="No store ever had it">Look at the digits again: {gtin}.</Nothing>;
  }
  const units = rows.reduce((sum, row) => sum + Math.max(0, row.available), 0);
  const having = rows.filter(row => row.available > 0).length;
  return (
    <section class="panel">
      <h2>
        {units.toLocaleString('en')} to promise in {count(having, 'store')}
        <span class="age mono">{rows[0]!.gtin}</span>
      </h2>
      <StockTable rows={rows} by="store" />
      {data.next !== null && <p class="soft">These are the first {rows.length} stores.</p>}
    </section>
  );
}

/** Stock of one item by store, or of one store by item. */
export function StockTable({ rows, by }: { rows: readonly HubStockView[]; by: 'store' | 'item' }) {
  const { stores } = useHub();
  const names = new Map((stores.value ?? []).map(store => [store.gln, nameOf(store)]));
  return (
    <table class="stock-table">
      <thead>
        <tr>
          <th scope="col">{by === 'store' ? 'Store' : 'Item'}</th>
          <th scope="col">To promise</th>
          <th scope="col">Shelf</th>
          <th scope="col">Backroom</th>
          <th scope="col">Reserved</th>
          <th scope="col" class="stock-sure">
            Count
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr class={row.online ? '' : 'stock-stale'} key={`${row.store} ${row.gtin}`}>
            <th scope="row">
              {by === 'store' ? (
                <a href={`/store/${row.store}`}>{names.get(row.store) ?? row.store}</a>
              ) : (
                <a class="mono" href={`/stock/${row.gtin}`}>
                  {row.gtin}
                </a>
              )}
            </th>
            <td>
              <b>{row.available.toLocaleString('en')}</b>
            </td>
            <td>{row.onShelf.toLocaleString('en')}</td>
            <td>{row.backroom.toLocaleString('en')}</td>
            <td>{row.reserved.toLocaleString('en')}</td>
            <td class="stock-sure">
              {row.confidence === null ? 'not told how sure' : sureWords(row.confidence)}
              {row.online ? (
                <span class="soft"> · live</span>
              ) : (
                <>
                  {' '}
                  <State kind="low" word="store is away, as of" /> <Ago atMs={row.heardAtMs} form="ago" />
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
