import { useEffect, useRef } from 'preact/hooks';
import type { StoreState } from './data/store-state.ts';
import { agoWords } from './model/age.ts';
import { count } from './model/formats.ts';
import { ROOM_MARK, roomSentence } from './model/room-words.ts';
import { StateProvider, useStore } from './parts/context.tsx';
import { Icon, type IconName } from './parts/icon.tsx';
import { State } from './parts/mark.tsx';
import type { Router } from './router.ts';
import { CloudView } from './views/cloud-view.tsx';
import { ColdView } from './views/cold-view.tsx';
import { DevicesView } from './views/devices-view.tsx';
import { FootfallView } from './views/footfall-view.tsx';
import { ItemView } from './views/item-view.tsx';
import { LabelsView } from './views/labels-view.tsx';
import { LinesView } from './views/lines-view.tsx';
import { LinkView } from './views/link-view.tsx';
import { StoreView } from './views/store-view.tsx';
import { TasksView } from './views/tasks-view.tsx';
import { UnknownView } from './views/unknown-view.tsx';

interface Place {
  readonly path: string;
  readonly name: string;
  readonly icon: IconName;
  readonly view: () => preact.JSX.Element;
}

const PLACES: readonly Place[] = [
  { path: '/', name: 'Store', icon: 'store', view: StoreView },
  { path: '/tasks', name: 'Tasks', icon: 'task', view: TasksView },
  { path: '/cold', name: 'Cold', icon: 'cold', view: ColdView },
  { path: '/footfall', name: 'Footfall', icon: 'people', view: FootfallView },
  { path: '/labels', name: 'Labels', icon: 'label', view: LabelsView },
  { path: '/devices', name: 'Devices', icon: 'device', view: DevicesView },
  { path: '/cloud', name: 'Cloud', icon: 'cloud', view: CloudView },
];

/** Pages below a place: the rail shows the place. */
const INNER: readonly (Omit<Place, 'icon'> & { readonly below: string })[] = [
  { path: '/cloud/link', name: 'Cloud link', view: LinkView, below: '/cloud' },
  { path: '/devices/lines', name: 'Lines', view: LinesView, below: '/devices' },
  { path: '/devices/new', name: 'Unknown devices', view: UnknownView, below: '/devices' },
];

export function App({ state, router }: { state: StoreState; router: Router }) {
  const path = router.path.value;
  const item = /^\/item\/(\d+)$/.exec(path)?.[1];
  const inner = INNER.find(each => each.path === path);
  const place = inner ?? PLACES.find(each => each.path === path);
  const arrived = useRef(false);
  useEffect(() => {
    document.title = `${item ? 'Item' : (place?.name ?? 'Nothing here')} · Aisle`;
    // A new view is announced by its heading; the first one is announced by the page itself.
    if (arrived.current) document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    arrived.current = true;
  }, [path]);
  return (
    <StateProvider value={state}>
      <div class={`app link-${state.link.value.state}`}>
        <Rail path={item ? '/' : (inner?.below ?? path)} />
        <div class="page">
          <Header />
          <LostLink />
          <RoomNotice />
          <main id="main">
            {item ? <ItemView gtin={item} key={item} /> : place ? <place.view /> : <NothingHere />}
          </main>
        </div>
      </div>
    </StateProvider>
  );
}

function Rail({ path }: { path: string }) {
  const { health } = useStore();
  return (
    <nav class="rail" aria-label="Views">
      <a class="brand" href="/" aria-label="Aisle, to the store">
        <img src="/aisle.svg" alt="" width="28" height="28" />
        <span>Aisle</span>
      </a>
      {PLACES.map(place => (
        <a
          class="rail-link"
          href={place.path}
          key={place.path}
          aria-current={place.path === path ? 'page' : undefined}
        >
          <Icon name={place.icon} />
          <span>{place.name}</span>
        </a>
      ))}
      <p class="rail-foot">{health.value ? `Version ${health.value.version}` : ''}</p>
    </nav>
  );
}

function Header() {
  const { health, now, formats, link } = useStore();
  const store = health.value?.store;
  const live = link.value.state === 'live';
  return (
    <header class="top">
      <div class="top-store">
        <strong>{store?.name ?? 'Aisle'}</strong>
        <span class="soft">
          {store ? `${formats.value.day(now.value)}, ${formats.value.clock(now.value)}` : ''}
        </span>
      </div>
      <div class="top-states">
        <Alarms />
        <PartTrouble />
        <CloudState />
        <span class="chip chip-link" title="The link from this page to the gateway">
          <span class={`pulse ${live ? 'pulse-live' : ''}`} />
          {live ? 'Live' : link.value.state === 'lost' ? 'Link lost' : 'Connecting'}
        </span>
      </div>
    </header>
  );
}

function Alarms() {
  const { cold } = useStore();
  const alarms = cold.all.value.flatMap(unit => unit.alarms);
  if (alarms.length === 0) return null;
  return (
    <a class="chip chip-out" href="/cold">
      <State kind="out" word={count(alarms.length, 'alarm')} />
    </a>
  );
}

/** Parts of the gateway itself that are not well, in their own words. */
function PartTrouble() {
  const { health } = useStore();
  const troubled = (health.value?.parts ?? []).filter(part => part.state !== 'ok');
  if (troubled.length === 0) return null;
  const words = troubled.map(part => `${part.name}: ${part.detail ?? part.state}`).join('\n');
  return (
    <a class="chip chip-wide" href="/cloud" title={words}>
      <State kind="low" word={`${troubled.map(part => part.name).join(', ')} ${troubled[0]!.state}`} />
    </a>
  );
}

function CloudState() {
  const { sync } = useStore();
  const link = sync.value;
  if (!link?.configured) return null;
  return (
    <a class="chip chip-wide" href="/cloud">
      {link.connected ? (
        <State kind="ok" word="Cloud in step" />
      ) : (
        <State kind="low" word={`Cloud away, ${link.pending} waiting`} />
      )}
    </a>
  );
}

function LostLink() {
  const { link, now, formats } = useStore();
  const { state, lastHeardMs } = link.value;
  if (state !== 'lost') return null;
  return (
    <p class="lost" role="alert">
      <strong>This page has lost the gateway.</strong>{' '}
      {lastHeardMs === null
        ? 'It has not answered yet. Is it running?'
        : `Figures are as of ${formats.value.seconds(lastHeardMs)}, ${agoWords(now.value - lastHeardMs)}.`}{' '}
      Trying again.
    </p>
  );
}

/** One line while the room for events that wait runs out. */
function RoomNotice() {
  const { sync, now } = useStore();
  const sentence = sync.value && roomSentence(sync.value, now.value);
  if (!sync.value || !sentence) return null;
  return (
    <a class={`notice notice-${ROOM_MARK[sync.value.room.level]}`} href="/cloud/link">
      {sentence}
    </a>
  );
}

function NothingHere() {
  return (
    <div class="empty">
      <h1 tabIndex={-1}>Nothing here</h1>
      <p>
        This address has no view. <a href="/">Go to the store.</a>
      </p>
    </div>
  );
}
