import type { Backend } from '@faceanim/tensor';
import {
  accepting,
  aFunction,
  anAbortSignal,
  backendCheck,
  checkOptions,
  numberFrom,
  type OptionChecks,
  oneOf,
} from '@faceanim/tensor/options';
import type { RgbImage } from '../contracts/image';
import type { LandmarkNet } from '../contracts/landmark-net';
import { checkSquare } from '../images/check-square';
import { centredSquare, type Quad } from '../images/quad';
import { cropQuad } from '../images/warp';
import { anRgbImage, landmarkNetCheck, packKeys } from '../options';
import { locateFace } from './track';
import type { LocateFaceOptions } from './track-options';

/**
 * Whether a look is cropped by its own landmarks: where it is not aligned yet (`auto`), in any case (`always`), or not at
 * all (`never`).
 */
export type LookAlignment = 'auto' | 'always' | 'never';

/** Options of {@link prepareLook}; the networks are those of `projectSequence`, so that a pack can be spread into them. */
export interface PrepareLookOptions extends Pick<LocateFaceOptions, 'locate' | 'minScore' | 'signal'> {
  /** The look is cropped at its resolution. */
  readonly generator: { readonly resolution: number };
  /** Finds the face. */
  readonly landmarkNet: LandmarkNet;
  /** Default `auto`. */
  readonly align?: LookAlignment;
  /** Activated before the first operation. Default: the backend that is active. */
  readonly backend?: Backend;
  /** Told when the look was not aligned and has been cropped. */
  readonly onWarning?: (message: string) => void;
}

const checks: OptionChecks<PrepareLookOptions> = {
  generator: accepting('a generator', (value) =>
    Number.isInteger((value as Partial<{ resolution: number }>)?.resolution),
  ),
  landmarkNet: landmarkNetCheck,
  align: oneOf('auto', 'always', 'never'),
  locate: aFunction,
  minScore: numberFrom(0),
  backend: backendCheck,
  signal: anAbortSignal,
  onWarning: aFunction,
};

/**
 * How far the corners of a look may be from those of its FFHQ quad, as a share of its side. Measured with the bundled
 * network: aligned looks up to 0.012, faces that the bundled generator draws at random up to 0.04; aligned ones that
 * were moved by a tenth of their side 0.105, made larger or smaller by a quarter 0.14 and more, frames of the bundled
 * drivers 0.19 to 0.29.
 */
const lookTolerance = 0.07;

/**
 * Makes a picture a look: aligned as FFHQ was and square. One that is so already is returned as it is. Anything else is
 * cropped by its own landmarks, out of the picture as large as it is, to the generator's resolution; of an unaligned look
 * the optimisation would make another person. Works in browsers too.
 *
 * @throws FaceanimError `no-face` where no face is convincing; `invalid-option` for something else than an RGB image, and
 *   with `never` for one that is not square.
 */
export async function prepareLook(image: RgbImage, options: PrepareLookOptions): Promise<RgbImage> {
  checkOptions('prepareLook', options, checks, { required: ['generator', 'landmarkNet'], ignored: packKeys });
  anRgbImage(image, 'look');
  const { generator, landmarkNet: net, align = 'auto', backend, onWarning } = options;
  if (align === 'never') {
    checkSquare(image);
    return image;
  }
  await backend?.activate();
  const { locate, minScore, signal } = options;
  const { quad } = await locateFace(image, { net, locate, minScore, signal });
  if (align === 'auto') {
    const off = distanceOfCorners(quad, centredSquare(image)) / Math.min(image.width, image.height);
    if (image.width === image.height && off <= lookTolerance) return image;
    onWarning?.(
      `The look is not aligned: its face is off by ${Math.round(100 * off)} % of the picture's side, compared with the generator's pictures. It has been cropped by its landmarks.`,
    );
  }
  return cropQuad(image, quad, generator.resolution);
}

/** The largest distance of two quads' corners. */
function distanceOfCorners(a: Quad, b: Quad): number {
  const corners = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ] as const;
  return Math.max(
    ...corners.map(([u, v]) =>
      Math.hypot(
        ...([0, 1] as const).map(
          (i) => a.center[i] - b.center[i] + u * (a.x[i] - b.x[i]) + v * (a.y[i] - b.y[i]),
        ),
      ),
    ),
  );
}
