import { useEffect, useRef } from 'preact/hooks';
import { Icon, type IconName } from '../parts/icon.tsx';
import type { Router } from '../router.ts';
import { FleetView } from './fleet-view.tsx';
import { HubProvider, type HubState, useHub } from './hub-state.ts';
import { Nothing } from './parts.tsx';
import { StockView } from './stock-view.tsx';
import { StorePage } from './store-page.tsx';
import { StoresView } from './stores-view.tsx';

interface Place {
  readonly path: string;
  readonly name: string;
  readonly icon: IconName;
}

const PLACES: readonly Place[] = [
  { path: '/', name: 'Stores', icon: 'store' },
  { path: '/stock', name: 'Stock', icon: 'search' },
  { path: '/rollouts', name: 'Rollouts', icon: 'stages' },
];

/** The console of a chain: its stores, an item in all of them, and what is rolled out. */
export function App({ state, router }: { state: HubState; router: Router }) {
  const path = router.path.value;
  const [, section = '', rest = ''] = path.split('/');
  const place = section === 'store' ? '/' : `/${section}`;
  const arrived = useRef(false);
  useEffect(() => {
    document.title = `${PLACES.find(each => each.path === place)?.name ?? 'Nothing here'} · Aisle hub`;
    if (arrived.current) document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    arrived.current = true;
  }, [path]);
  return (
    <HubProvider value={state}>
      <div class={`app hub ${state.trouble.value === null ? '' : 'link-lost'}`}>
        <nav class="rail" aria-label="Views">
          <a class="brand" href="/" aria-label="Aisle hub, to the stores">
            <img src="/aisle.svg" alt="" width="28" height="28" />
            <span>Aisle hub</span>
          </a>
          {PLACES.map(each => (
            <a
              class="rail-link"
              href={each.path}
              key={each.path}
              aria-current={each.path === place ? 'page' : undefined}
            >
              <Icon name={each.icon} />
              <span>{each.name}</span>
            </a>
          ))}
        </nav>
        <div class="page">
          <LostHub />
          <main id="main">
            <View section={section} rest={rest} />
          </main>
        </div>
      </div>
    </HubProvider>
  );
}

function View({ section, rest }: { section: string; rest: string }) {
  if (section === '') return <StoresView />;
  if (section === 'store') return <StorePage gln={rest} key={rest} />;
  if (section === 'stock') return <StockView gtin={rest || null} />;
  if (section === 'rollouts') return <FleetView />;
  return (
    <Nothing title="Nothing here">
      This address has no view. <a href="/">Go to the stores.</a>
    </Nothing>
  );
}

function LostHub() {
  const { trouble } = useHub();
  if (trouble.value === null) return null;
  return (
    <p class="lost" role="alert">
      <strong>This page has lost the hub:</strong> {trouble.value}. What you see is old. Trying again.
    </p>
  );
}
