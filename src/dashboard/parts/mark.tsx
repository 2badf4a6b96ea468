export type MarkKind = 'ok' | 'low' | 'out' | 'none';

/** A state as a shape: ring for fine, triangle for soon, square for now, dashed ring for unknown. */
export function Mark({ kind }: { kind: MarkKind }) {
  return (
    <svg class={`mark mark-${kind}`} viewBox="0 0 12 12" aria-hidden="true">
      {kind === 'ok' && <circle cx="6" cy="6" r="3" />}
      {kind === 'low' && <path d="M6 1.2 11.4 10.8H.6Z" />}
      {kind === 'out' && <rect x="1" y="1" width="10" height="10" rx="1.5" />}
      {kind === 'none' && <circle cx="6" cy="6" r="4.2" class="mark-dashed" />}
    </svg>
  );
}

/** The shape with its word. */
export function State({ kind, word }: { kind: MarkKind; word: string }) {
  return (
    <span class={`state state-${kind}`}>
      <Mark kind={kind} />
      {word}
    </span>
  );
}
