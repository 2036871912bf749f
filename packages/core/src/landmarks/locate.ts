import { throwIfRunAborted } from '../abort';
import type { RgbImage } from '../contracts/image';
import type { LandmarkNet } from '../contracts/landmark-net';
import { type Quad, rectQuad } from '../images/quad';
import { type DetectedLandmarks, detectLandmarks } from './detect';
import { ffhqQuad } from './ffhq-quad';

/**
 * Finds the face to follow in an image without knowing where it was before: about its FFHQ quad, or any square
 * around it of up to twice that size. Undefined where it sees none. A stage of its own, so that a real face
 * detector can take its place.
 */
export type FaceLocator = (
  image: RgbImage,
  context: { signal?: AbortSignal | undefined },
) => Promise<Quad | undefined>;

/** A mean heat-map peak from which landmarks are believed; between those of faces (0.63) and of none (0.41). */
export const defaultMinScore = 0.45;

/** Sides of the squares that are searched, as shares of the image's shorter side. */
const scales = [1, 0.6, 0.36];
/** Distance between neighbouring squares, as a share of their side. */
const stride = 0.6;

/**
 * A locator that needs no detector: it runs the landmark network over squares of falling size and takes the one
 * with the highest mean peak, as soon as a size has a convincing one. Finds faces whose FFHQ quad is between a
 * fifth and the whole of the image's shorter side.
 *
 * @param minScore mean peak that convinces. Default {@link defaultMinScore}.
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

/** Evenly spaced from 0 to `room`, at most `step` apart; the middle where there is no room. */
function positions(room: number, step: number): number[] {
  const intervals = Math.ceil(room / step - 1e-6);
  return Array.from({ length: intervals + 1 }, (_, i) =>
    intervals === 0 ? room / 2 : (i * room) / intervals,
  );
}
