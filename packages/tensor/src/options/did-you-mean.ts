import { distance } from 'fastest-levenshtein';

/**
 * The known word that was probably meant: the one with the smallest edit distance (Levenshtein 1966, case aside; two
 * neighbours that changed places are one edit, as of Damerau 1964), if at most a third of its letters differ.
 */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  let best: { word: string; edits: number } | undefined;
  for (const candidate of known) {
    const edits = editsBetween(word.toLowerCase(), candidate.toLowerCase());
    if (edits > Math.max(word.length, candidate.length) / 3) continue;
    if (!best || edits < best.edits) best = { word: candidate, edits };
  }
  return best?.word;
}

function editsBetween(a: string, b: string): number {
  const at = [...a].findIndex((letter, i) => letter !== b[i]);
  const swapped = at < 0 ? a : a.slice(0, at) + (a[at + 1] ?? '') + a[at] + a.slice(at + 2);
  return swapped === b && a !== b ? 1 : distance(a, b);
}
