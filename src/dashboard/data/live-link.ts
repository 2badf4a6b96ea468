import { batch } from '@preact/signals';
import type { MovementView } from '../../store/views.ts';
import { gateway } from './gateway-client.ts';
import { addMovement, applyValue, MOVEMENTS_KEPT, type StoreState } from './store-state.ts';

// The gateway says something at least every 15 s; longer silence means the link is dead without saying so.
const SILENCE_MS = 40_000;
const RETRY_MS = 2_000;
const TICK_MS = 1_000;

type Apply = (state: StoreState, view: never) => void;

const APPLY: Record<string, Apply> = {
  stock: (state, view) => state.stock.put(view),
  facing: (state, view) => state.facings.put(view),
  device: (state, view) => state.devices.put(view),
  cold(state, view) {
    state.cold.put(view);
    state.coldTurn.value += 1;
  },
  label: (state, view) => state.labels.put(view),
  reservation: (state, view) => state.reservations.put(view),
  task: (state, view) => state.tasks.put(view),
  value: (state, view) => applyValue(state, view),
  movement: (state, view: MovementView) => addMovement(state, view),
  footfall(state) {
    state.footfallTurn.value += 1;
  },
  sync(state, view) {
    state.sync.value = view;
  },
  health(state, view) {
    state.health.value = view;
  },
};

/** Keeps the state in step with the gateway for as long as the page lives. */
export function followGateway(state: StoreState): void {
  let source: EventSource | null = null;
  let clockOffsetMs = 0;
  let heardAtMs = Date.now();
  let waiting: (() => void)[] | null = null;

  const gatewayNow = () => Date.now() + clockOffsetMs;
  const heard = () => {
    heardAtMs = Date.now();
    state.link.value = { state: 'live', lastHeardMs: gatewayNow() };
  };
  const lose = () => {
    state.link.value = { ...state.link.value, state: 'lost' };
  };
  const reopen = () => {
    source?.close();
    source = null;
    setTimeout(open, RETRY_MS);
  };
  const greet = async (event: MessageEvent<string>) => {
    const { nowMs } = JSON.parse(event.data) as { nowMs: number };
    clockOffsetMs = nowMs - Date.now();
    // Changes that arrive while the lists are under way are applied on top of them.
    state.now.value = gatewayNow();
    waiting = [];
    try {
      await loadLists(state);
      batch(() => {
        for (const apply of waiting ?? []) apply();
      });
      waiting = null;
      heard();
    } catch {
      lose();
      reopen();
    }
  };
  const receive = (name: string) => (event: MessageEvent<string>) => {
    heardAtMs = Date.now();
    const view = JSON.parse(event.data) as never;
    const apply = () => APPLY[name]?.(state, view);
    if (waiting) waiting.push(apply);
    else batch(apply);
  };
  function open(): void {
    source = new EventSource('/api/v1/live');
    heardAtMs = Date.now();
    source.addEventListener('hello', event => void greet(event));
    for (const name of Object.keys(APPLY)) source.addEventListener(name, receive(name));
    source.onerror = () => {
      lose();
      if (source?.readyState === EventSource.CLOSED) reopen();
    };
  }
  setInterval(() => {
    state.now.value = gatewayNow();
    if (state.link.value.state === 'live' && Date.now() - heardAtMs < SILENCE_MS) {
      state.link.value = { state: 'live', lastHeardMs: heardAtMs + clockOffsetMs };
    } else if (source && Date.now() - heardAtMs > SILENCE_MS) {
      lose();
      reopen();
    }
  }, TICK_MS);
  open();
}

async function loadLists(state: StoreState): Promise<void> {
  const [health, sync, stock, facings, devices, cold, labels, reservations, tasks, movements] =
    await Promise.all([
      gateway.health(),
      gateway.sync(),
      gateway.stock(),
      gateway.facings(),
      gateway.devices(),
      gateway.cold(),
      gateway.labels(),
      gateway.reservations(),
      gateway.tasks(),
      gateway.recentMovements(MOVEMENTS_KEPT),
    ]);
  batch(() => {
    state.health.value = health;
    state.sync.value = sync;
    state.stock.replace(stock);
    state.facings.replace(facings);
    state.devices.replace(devices);
    state.cold.replace(cold);
    state.labels.replace(labels);
    state.reservations.replace(reservations);
    state.tasks.replace(tasks);
    state.movements.value = movements;
    state.footfallTurn.value += 1;
    state.coldTurn.value += 1;
    state.loaded.value = true;
  });
}
