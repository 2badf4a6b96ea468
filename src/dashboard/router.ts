import { type ReadonlySignal, signal } from '@preact/signals';

export interface Router {
  readonly path: ReadonlySignal<string>;
}

/** Plain links and the browser's own history: every view has an address that can be kept and sent. */
export function createRouter(): Router {
  const path = signal(location.pathname);
  const show = () => {
    path.value = location.pathname;
  };
  addEventListener('popstate', show);
  document.addEventListener('click', event => {
    const link = (event.target as Element | null)?.closest('a');
    const elsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0;
    if (!link || elsewhere || link.origin !== location.origin || link.target) return;
    if (link.pathname.startsWith('/api/') || link.pathname === '/metrics') return;
    event.preventDefault();
    if (link.pathname === location.pathname) return;
    history.pushState(null, '', link.href);
    show();
    scrollTo(0, 0);
  });
  return { path };
}
