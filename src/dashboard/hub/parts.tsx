import type { ComponentChildren } from 'preact';
import { ageWords, agoWords } from '../model/age.ts';
import { useHub } from './hub-state.ts';

/** How long ago something was, by the hub's clock. */
export function Ago({ atMs, form = 'short' }: { atMs: number; form?: 'short' | 'ago' }) {
  const { now } = useHub();
  const words = form === 'ago' ? agoWords : ageWords;
  return (
    <time class="age" dateTime={new Date(atMs).toISOString()} title={new Date(atMs).toLocaleString()}>
      {words(Math.max(0, now.value - atMs))}
    </time>
  );
}

export function Row({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What to do when there is nothing to show. */
export function Nothing({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      <p>{children}</p>
    </div>
  );
}
