import { throwIfAborted } from '@faceanim/tensor';
import type { RgbImage } from '../contracts/image';
import type { LandmarkNet } from '../contracts/landmark-net';
import { type Quad, rectQuad } from '../images/quad';
import { detectLandmarks } from './detect';
import { ffhqQuad } from './ffhq-quad';

/** A face that a {@link FaceLocator} has found. */
export interface FoundFace {
  /** About its FFHQ quad, or any square around it of up to twice that size. */
  readonly quad: Quad;
  /** How certain it is; only compared with other scores of the same locator. */
  readonly score: number;
}

/** What a {@link FaceLocator} is called with besides the image. */
export interface LocateContext {
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether to take the time to look for small faces: in the first frame, after a cut, and in every 25th of a gap without a
   * face. Default true.
   */
  readonly thorough?: boolean;
  /** Receives the share of the search that is done, 0..1. */
  readonly onShare?: ((share: number) => void) | undefined;
}

/** Finds all faces in an image, in any order; implement it to use a face detector. */
export type FaceLocator = (image: RgbImage, context: LocateContext) => Promise<readonly FoundFace[]>;

/**
 * Default `minScore`: the mean heat-map peak that counts as a face. With the FAN of the avatar pack, drawn faces reach 0.73, with a
 * covered mouth 0.56, and two thirds of the faces in photographs 0.5; a cat has 0.39, a face of a few strokes up to 0.49.
 */
export const defaultMinScore = 0.5;

/** Sides of the searched squares, relative to the shorter side of the image. A square shows faces of 0.6 to 1 of its size. */
const scales = [1, 0.6, 0.36, 0.24, 0.16];
/** Those that are searched if there is no time for all: 26 squares of a square image instead of 175. */
const quickScales = scales.slice(0, 3);
/** Distance between neighbouring squares, relative to their side. */
const stride = 0.6;

/**
 * A face locator that needs no detector: runs the landmark network on overlapping squares of decreasing size. Stops one size
 * below the first at which it finds a face, so it also sees faces of half the size of the largest.
 *
 * Finds faces whose FFHQ quad is at least a tenth of the image's shorter side. In a square image, a large face takes 10 runs
 * of the network, the smallest 175, as does an image without a face.
 *
 * @param minScore mean heat-map peak that counts as a face. Default {@link defaultMinScore}.
 */
export function scanForFaces(net: LandmarkNet, minScore = defaultMinScore): FaceLocator {
  return async (image, { signal, thorough = true, onShare }) => {
    const found: FoundFace[] = [];
    let sizes = (thorough ? scales : quickScales).map((scale) => [...squares(image, scale)]);
    let done = 0;
    for (let size = 0; size < sizes.length; size++) {
      for (const square of sizes[size]!) {
        throwIfAborted(signal);
        const { landmarks, score } = await detectLandmarks(image, square, net);
        const quad = score >= minScore && ffhqQuad(landmarks);
        if (quad && found.length === 0) sizes = sizes.slice(0, size + 2);
        if (quad) found.push({ quad, score });
        onShare?.(++done / sizes.flat().length);
      }
    }
    return withoutDuplicates(found);
  };
}

/** Keeps the best of several finds of one face. */
function withoutDuplicates(found: readonly FoundFace[]): FoundFace[] {
  const kept: FoundFace[] = [];
  for (const face of [...found].sort((a, b) => b.score - a.score)) {
    if (!kept.some((other) => isSamePlace(face.quad, other.quad))) kept.push(face);
  }
  return kept;
}

/** Quads reach far beyond the faces in them: two heads that touch are about half a side apart. */
function isSamePlace(a: Quad, b: Quad): boolean {
  const side = 2 * Math.max(Math.hypot(...a.x), Math.hypot(...b.x));
  return Math.hypot(a.center[0] - b.center[0], a.center[1] - b.center[1]) < 0.3 * side;
}

/** Overlapping squares that cover the image. */
function* squares({ width, height }: RgbImage, scale: number): Generator<Quad> {
  const side = scale * Math.min(width, height);
  for (const y of positions(height - side, stride * side)) {
    for (const x of positions(width - side, stride * side))
      yield rectQuad({ x, y, width: side, height: side });
  }
}

/** Evenly spaced positions from 0 to `room`, at most `step` apart; the middle if there is no room. */
function positions(room: number, step: number): number[] {
  const intervals = Math.ceil(room / step - 1e-6);
  return Array.from({ length: intervals + 1 }, (_, i) =>
    intervals === 0 ? room / 2 : (i * room) / intervals,
  );
}
