import { useComputed } from '@preact/signals';
import { ageWords, agoWords } from '../model/age.ts';
import { useStore } from './context.tsx';

interface AgeProps {
  readonly atMs: number | null;
  /** `ago` for a sentence. */
  readonly form?: 'short' | 'ago';
  /** What to say when there is no time. */
  readonly none?: string;
}

/** The age of a value, by the gateway's clock. Only its own text changes as time passes. */
export function Age({ atMs, form = 'short', none = 'never' }: AgeProps) {
  const { now, formats } = useStore();
  const words = useComputed(() => {
    if (atMs === null) return none;
    return form === 'ago' ? agoWords(now.value - atMs) : ageWords(now.value - atMs);
  });
  if (atMs === null) return <span class="age">{none}</span>;
  return (
    <time
      class="age"
      dateTime={new Date(atMs).toISOString()}
      title={`${formats.value.day(atMs)} ${formats.value.seconds(atMs)}`}
    >
      <Text words={words} key={`${atMs} ${form}`} />
    </time>
  );
}

function Text({ words }: { words: { readonly value: string } }) {
  return <>{words.value}</>;
}
