import type { RgbImage } from '../contracts/image';
import type { TargetedFrame } from '../contracts/motion-target';
import type { Quad } from '../images/quad';
import { cropQuad } from '../images/warp';
import { followFace } from '../landmarks/follow-face';
import { oneEuroFilter } from '../landmarks/one-euro';
import { alignedFace } from '../landmarks/track';
import type { TrackFacesOptions, TrackOptions } from '../landmarks/track-options';
import { visibleLandmarks } from '../landmarks/visible-landmarks';
import type { LiveMotion } from './live-motion';

/** What a picture of the driver asks for. */
export interface LiveTarget {
  readonly frame: TargetedFrame;
  /** Whether the face was not in the picture before, or is another one. */
  readonly begins: boolean;
}

/** Options of {@link liveDriver}. */
export interface LiveDriverOptions
  extends Pick<TrackOptions, 'landmarkNet' | 'face' | 'locate' | 'minScore' | 'onWarning'>,
    Pick<TrackFacesOptions, 'smoothing'> {
  /** Puts the motion on the face of the look. Default: the landmarks of the driver are the target. */
  readonly motion?: LiveMotion;
}

/** Follows the face of a live driver, picture by picture; undefined if there is none. */
export function liveDriver(options: LiveDriverOptions) {
  const { smoothing = {}, motion, ...rest } = options;
  const size = options.landmarkNet.inputSize;
  // What is put on the look does not depend on the crop.
  const newFilter = () => (smoothing && !motion ? oneEuroFilter(smoothing) : undefined);
  let filter = newFilter();
  let shot = 0;
  let seen = false;

  const follow = followFace({ ...rest, quick: true });

  return async (index: number, image: RgbImage, signal?: AbortSignal): Promise<LiveTarget | undefined> => {
    const face = await follow({ index, image }, undefined, signal);
    const begins = !seen || !face || face.newShot;
    seen = face !== undefined;
    if (face?.newShot) {
      shot++;
      filter = newFilter();
      motion?.restart();
    }
    const targetLandmarks = motion?.push(face && visibleLandmarks({ ...face, found: true }), size);
    if (!face || (motion && !targetLandmarks)) return undefined;
    const quad = filter?.(index, face.quad) ?? face.quad;
    const aligned = alignedFace(face, { index, shot, quad, size });
    return { frame: { ...aligned, image: lazyCrop(image, quad, size), targetLandmarks }, begins };
  };
}

/** The crop of a picture, made when a loss term first looks at it, since that takes milliseconds. */
function lazyCrop(image: RgbImage, quad: Quad, size: number): RgbImage {
  let crop: RgbImage | undefined;
  return {
    width: size,
    height: size,
    get data() {
      crop ??= cropQuad(image, quad, size);
      return crop.data;
    },
  };
}
