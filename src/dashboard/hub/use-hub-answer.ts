import { useEffect, useState } from 'preact/hooks';
import { type Asked, useAsked } from '../parts/use-asked.ts';
import { askHub } from './hub-state.ts';

const EVERY_MS = 3_000;

/** The hub's answer to a question that is asked again every few seconds; the last one stays while the next is under way. */
export function useHubAnswer<T>(path: string): Asked<T> {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setTurn(before => before + 1), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return useAsked<T>(() => askHub<T>(path), `${path} ${turn}`);
}
