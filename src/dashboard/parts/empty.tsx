import type { ComponentChildren } from 'preact';
import { useStore } from './context.tsx';

/** What to do when there is nothing to show; while the first lists are under way it only says so. */
export function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  const { loaded } = useStore();
  if (!loaded.value) return <p class="empty empty-loading">Asking the gateway …</p>;
  return (
    <div class="empty">
      <strong>{title}</strong>
      <p>{children}</p>
    </div>
  );
}

export function Heading({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="heading">
      <h1 tabIndex={-1}>{title}</h1>
      <div class="heading-aside">{children}</div>
    </div>
  );
}
