import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { HubStoresView, HubStoreView } from '../../hub/web/views.ts';

/** What the console knows: the stores, asked again and again, and the hub's clock. */
export interface HubState {
  /** Null until the first answer. */
  readonly stores: Signal<readonly HubStoreView[] | null>;
  /** Why the last question was not answered; null when it was. */
  readonly trouble: Signal<string | null>;
  /** The hub's time, Unix ms. */
  readonly now: Signal<number>;
}

/** Asks the hub; rejects with the sentence that it answered, or that it did not answer. */
export async function askHub<T>(path: string): Promise<T> {
  const response = await fetch(`/api/v1${path}`, { headers: { accept: 'application/json' } });
  const body: unknown = await response.json();
  if (response.ok) return body as T;
  const { error } = body as { error?: { message?: string } };
  throw new Error(error?.message ?? `the hub answered ${response.status}`);
}

export const createHubState = (): HubState => ({
  stores: signal(null),
  trouble: signal(null),
  now: signal(Date.now()),
});

const EVERY_MS = 3_000;
/** A long list is asked for less often. */
const LONG_EVERY_MS = 15_000;
const LONG = 1_000;

async function allStores(): Promise<{ nowMs: number; stores: HubStoreView[] }> {
  const stores: HubStoreView[] = [];
  for (let after = ''; ; ) {
    const page = await askHub<HubStoresView>(`/stores${after && `?after=${after}`}`);
    stores.push(...page.stores);
    if (page.next === null) return { nowMs: page.nowMs, stores };
    after = page.next;
  }
}

/** Keeps the state in step with the hub for as long as the page is open; a page that nobody sees asks nothing. */
export function followHub(state: HubState): void {
  let aheadMs = 0;
  setInterval(() => {
    state.now.value = Date.now() + aheadMs;
  }, 1_000);
  const turn = async () => {
    try {
      if (!document.hidden) {
        const { nowMs, stores } = await allStores();
        aheadMs = nowMs - Date.now();
        state.now.value = nowMs;
        state.stores.value = stores;
        state.trouble.value = null;
      }
    } catch (error) {
      state.trouble.value = error instanceof TypeError ? 'it does not answer' : (error as Error).message;
    }
    setTimeout(turn, (state.stores.value?.length ?? 0) > LONG ? LONG_EVERY_MS : EVERY_MS);
  };
  void turn();
  document.addEventListener('visibilitychange', () => void (document.hidden || turn()));
}

const Context = createContext<HubState | null>(null);
export const HubProvider = Context.Provider;

export function useHub(): { readonly [K in keyof HubState]: ReadonlySignal<HubState[K]['value']> } {
  const state = useContext(Context);
  if (!state) throw new Error('a view was drawn outside of HubProvider');
  return state;
}
