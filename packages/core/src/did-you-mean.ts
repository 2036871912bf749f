import { distance } from 'fastest-levenshtein';

/**
 * The known word that was probably meant: the one with the smallest edit distance (Levenshtein 1966, case aside), if at
 * most half of its letters differ.
 */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  let best: { word: string; edits: number } | undefined;
  for (const candidate of known) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits > 0.5 * Math.max(word.length, candidate.length)) continue;
    if (!best || edits < best.edits) best = { word: candidate, edits };
  }
  return best?.word;
}
