const LONGEST_COMPARED = 64;

/** Edits (insert, delete, replace one letter) that turn one text into the other. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = previous[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[to.length]!;
}

/** The known word that was probably meant, or null when none is near. */
export function nearest(text: string, known: Iterable<string>): string | null {
  if (text.length > LONGEST_COMPARED) return null;
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(text.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - text.length) >= bestDistance) continue;
    const distance = editDistance(text.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance && distance < candidate.length) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `write "near"` when a known word is near, otherwise the given advice. */
export function adviseNearest(text: string, known: Iterable<string>, otherwise: string): string {
  const near = nearest(text, known);
  return near === null ? otherwise : `did you mean ${near}?`;
}
