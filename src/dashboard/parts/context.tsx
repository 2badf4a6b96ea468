import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { StoreState } from '../data/store-state.ts';

const Context = createContext<StoreState | null>(null);

export const StateProvider = Context.Provider;

export function useStore(): StoreState {
  const state = useContext(Context);
  if (!state) throw new Error('a view was drawn outside of StateProvider');
  return state;
}
