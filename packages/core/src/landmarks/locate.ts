import { throwIfRunAborted } from '../abort';
import type { RgbImage } from '../contracts/image';
import type { LandmarkNet } from '../contracts/landmark-net';
import { type Quad, rectQuad } from '../images/quad';
import { type DetectedLandmarks, detectLandmarks } from './detect';
import { ffhqQuad } from './ffhq-quad';

/**
 * Finds the face in an image; implement it to use a face detector. Returns about its FFHQ quad, or any square around it of
 * up to twice that size, and undefined if there is no face.
 */
export type FaceLocator = (
  image: RgbImage,
  context: { signal?: AbortSignal | undefined },
) => Promise<Quad | undefined>;

/** Default `minScore`: the mean heat-map peak that counts as a face. Faces reach 0.63 or more, other pictures at most 0.41. */
export const defaultMinScore = 0.45;

/** Sides of the searched squares, relative to the shorter side of the image. */
const scales = [1, 0.6, 0.36];
/** Distance between neighbouring squares, relative to their side. */
const stride = 0.6;

/**
 * A face locator that needs no detector: runs the landmark network on squares of decreasing size, and takes the one with the
 * highest mean peak of the first size at which a peak reaches `minScore`. Finds faces whose FFHQ quad is between a fifth
 * and all of the image's shorter side.
 *
 * @param minScore mean heat-map peak that counts as a face. Default {@link defaultMinScore}.
 */
export function scanForFace(net: LandmarkNet, minScore = defaultMinScore): FaceLocator {
  return async (image, { signal }) => {
    for (const scale of scales) {
      let best: DetectedLandmarks | undefined;
      for (const square of squares(image, scale)) {
        throwIfRunAborted(signal);
        const detected = await detectLandmarks(image, square, net);
        if (detected.score >= Math.max(minScore, best?.score ?? 0)) best = detected;
      }
      if (best) return ffhqQuad(best.landmarks);
    }
    return undefined;
  };
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
