import { invalidOption } from '@faceanim/tensor';
import { checkOptions, type OptionChecks, wholeNumberFrom } from '@faceanim/tensor/options';
import { shotsOf } from '../sequence/shots';
import type { Part } from './prepared-clip';

/** Options of {@link planParts}. */
export interface PlanPartsOptions {
  /** The most frames of a part, at least three times the overlap. */
  readonly frames: number;
  /** How many frames two parts share where there is no cut between them. Default {@link defaultOverlap}. */
  readonly overlap?: number;
}

/** Frames that parts share by default. */
export const defaultOverlap = 8;

const checks: OptionChecks<PlanPartsOptions> = { frames: wholeNumberFrom(1), overlap: wholeNumberFrom(0) };

/**
 * Splits a run into parts that can be optimised separately: at cuts, where a run starts anew anyway, and a shot that is too long
 * into parts that overlap. Short shots stay together as long as they fit into a part.
 *
 * @param frames the frames of the run, such as those of a prepared clip.
 * @throws {FaceanimError} `invalid-option`, also if the overlap is longer than a third of a part.
 */
export function planParts(
  frames: readonly { readonly shot: number }[],
  options: PlanPartsOptions,
): readonly Part[] {
  checkOptions('planParts', options, checks, { required: ['frames'] });
  const { frames: most, overlap = defaultOverlap } = options;
  if (3 * overlap > most) {
    throw invalidOption('overlap', overlap, `at most a third of the ${most} frames of a part`);
  }
  const parts: Part[] = [];
  let start = 0;
  for (const { length } of shotsOf(frames, ({ shot }) => shot)) {
    const [last, end] = [parts.at(-1), start + length];
    if (last && end - last.start <= most) parts[parts.length - 1] = { ...last, end };
    else parts.push(...windowsOf({ start, end, overlap: 0 }, most, overlap));
    start = end;
  }
  return parts;
}

/** Parts of about the same length, of which each shares frames with the one before. */
function windowsOf(shot: Part, most: number, overlap: number): Part[] {
  const length = shot.end - shot.start;
  if (length <= most) return [shot];
  const count = Math.ceil((length - overlap) / (most - overlap));
  const at = (k: number) => shot.start + Math.round((k * (length - overlap)) / count);
  return Array.from({ length: count }, (_, k) => ({
    start: at(k),
    end: at(k + 1) + overlap,
    overlap: k === 0 ? 0 : overlap,
  }));
}
