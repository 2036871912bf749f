import { distance } from 'fastest-levenshtein';

/**
 * Guesses which known word was meant: the one with the smallest edit distance, if at most a third of the letters differ.
 *
 * The distance is Levenshtein's (1966), ignoring case, with two swapped neighbours as one edit (Damerau 1964).
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
