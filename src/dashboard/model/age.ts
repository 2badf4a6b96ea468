const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago, in the fewest words: `now`, `8 s`, `3 min`, `2 h`, `4 d`. */
export function ageWords(ageMs: number): string {
  if (ageMs < 2 * SECOND) return 'now';
  if (ageMs < MINUTE) return `${Math.floor(ageMs / SECOND)} s`;
  if (ageMs < HOUR) return `${Math.floor(ageMs / MINUTE)} min`;
  if (ageMs < DAY) return `${Math.floor(ageMs / HOUR)} h`;
  return `${Math.floor(ageMs / DAY)} d`;
}

/** The same for a sentence: `just now`, `3 min ago`. */
export function agoWords(ageMs: number): string {
  const words = ageWords(ageMs);
  return words === 'now' ? 'just now' : `${words} ago`;
}

/** Time until something ends: `4 min left`, `over`. */
export const leftWords = (untilMs: number): string => (untilMs <= 0 ? 'over' : `${ageWords(untilMs)} left`);
