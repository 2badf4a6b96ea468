import { useEffect, useState } from 'preact/hooks';

export interface Asked<T> {
  readonly data: T | null;
  readonly error: string | null;
}

/** Asks the gateway again whenever `turn` changes and keeps the last answer on screen meanwhile. */
export function useAsked<T>(ask: () => Promise<T>, turn: string): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({ data: null, error: null });
  // biome would have `ask` watched too, but it is made anew on every draw: `turn` says when it matters.
  useEffect(() => {
    let wanted = true;
    ask().then(
      data => wanted && setAsked({ data, error: null }),
      (error: Error) => wanted && setAsked(before => ({ ...before, error: error.message })),
    );
    return () => {
      wanted = false;
    };
  }, [turn]);
  return asked;
}
