import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';

/** Views by id, each a signal of its own, so that one change redraws one tile. */
export interface Keyed<View> {
  readonly ids: ReadonlySignal<readonly string[]>;
  readonly all: ReadonlySignal<readonly View[]>;
  of(id: string): ReadonlySignal<View> | undefined;
  replace(views: readonly View[]): void;
  /** Adds or updates one view; an older version than the one shown is ignored. */
  put(view: View): void;
}

export function keyed<View>(
  idOf: (view: View) => string,
  versionOf: (view: View) => number = () => 0,
): Keyed<View> {
  const ids = signal<readonly string[]>([]);
  const signals = new Map<string, Signal<View>>();
  const all = computed(() => ids.value.map(id => signals.get(id)!.value));

  const set = (view: View) => {
    const known = signals.get(idOf(view));
    if (known) known.value = view;
    else signals.set(idOf(view), signal(view));
    return known !== undefined;
  };
  return {
    ids,
    all,
    of: id => signals.get(id),
    replace(views) {
      for (const view of views) set(view);
      const next = views.map(idOf);
      const same = next.length === ids.value.length && next.every((id, index) => id === ids.value[index]);
      if (!same) ids.value = next;
    },
    put(view) {
      const known = signals.get(idOf(view));
      if (known && versionOf(view) < versionOf(known.value)) return;
      if (!set(view)) ids.value = [...ids.value, idOf(view)];
    },
  };
}
