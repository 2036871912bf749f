import { distance } from 'fastest-levenshtein';

/**
 * Guesses which known word was meant: the only one that begins or ends with the word, such as `webgpu` for `gpu`; else the one
 * with the smallest edit distance, if at most a third of the letters differ.
 *
 * The distance is Levenshtein's (1966), ignoring case, with two swapped neighbours as one edit (Damerau 1964).
 */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const candidates = [...known];
  const longer = candidates.filter((candidate) => isPartOf(word.toLowerCase(), candidate.toLowerCase()));
  if (longer.length === 1) return longer[0];
  let best: { word: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = editsBetween(word.toLowerCase(), candidate.toLowerCase());
    if (edits > Math.max(word.length, candidate.length) / 3) continue;
    if (!best || edits < best.edits) best = { word: candidate, edits };
  }
  return best?.word;
}

/** Whether a word is the beginning or the end of another one. Of two letters, it may be by chance. */
function isPartOf(word: string, other: string): boolean {
  return word.length > 2 && word !== other && (other.startsWith(word) || other.endsWith(word));
}

function editsBetween(a: string, b: string): number {
  const at = [...a].findIndex((letter, i) => letter !== b[i]);
  const swapped = at < 0 ? a : a.slice(0, at) + (a[at + 1] ?? '') + a[at] + a.slice(at + 2);
  return swapped === b && a !== b ? 1 : distance(a, b);
}
