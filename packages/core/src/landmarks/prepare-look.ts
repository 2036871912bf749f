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
import { locateFace } from './locate-face';
import { faceCheck, type LocateFaceOptions } from './track-options';

/**
 * When {@link prepareLook} crops a look by its landmarks: only if it is not aligned yet (`auto`), always (`always`), or never
 * (`never`).
 *
 * @category Look and driver
 */
export type LookAlignment = 'auto' | 'always' | 'never';

/**
 * Options of {@link prepareLook}. A pack of networks can be spread into them.
 *
 * @category Look and driver
 */
export interface PrepareLookOptions
  extends Pick<LocateFaceOptions, 'face' | 'locate' | 'minScore' | 'onProgress' | 'signal'> {
  /** The look is cropped to its resolution. */
  readonly generator: { readonly resolution: number };
  /** Finds the face. */
  readonly landmarkNet: LandmarkNet;
  /** When to crop. Default `auto`. */
  readonly align?: LookAlignment;
  /** The backend to run on. Default: the active backend. */
  readonly backend?: Backend;
  /** Called if the look was not aligned and has been cropped, and if it shows several faces. */
  readonly onWarning?: (message: string) => void;
}

/**
 * A look that {@link prepareLook} has aligned.
 *
 * @category Look and driver
 */
export interface PreparedLook extends RgbImage {
  /** Where in the picture it was cropped, in pixels, for {@link pasteBack}. Absent if the picture was taken as it is. */
  readonly quad?: Quad;
}

const checks: OptionChecks<PrepareLookOptions> = {
  generator: accepting('a generator', (value) =>
    Number.isInteger((value as Partial<{ resolution: number }>)?.resolution),
  ),
  landmarkNet: landmarkNetCheck,
  align: oneOf('auto', 'always', 'never'),
  locate: aFunction,
  face: faceCheck,
  minScore: numberFrom(0),
  backend: backendCheck,
  signal: anAbortSignal,
  onProgress: aFunction,
  onWarning: aFunction,
};

/**
 * How far the corners of an aligned look may be from those of its FFHQ quad, relative to its side. Measured with the bundled
 * network: aligned looks up to 0.012, random faces of the bundled generator up to 0.04; aligned looks moved by a tenth of
 * their side 0.105, scaled by a quarter 0.14 or more, frames of the bundled drivers 0.19 to 0.29.
 */
const lookTolerance = 0.07;

/**
 * Turns a picture of a face into a look: square, and aligned as FFHQ is. Of several faces it takes the largest, or the one
 * that `face` names. A look that is already aligned is returned unchanged. Otherwise the face is cropped by its landmarks, from
 * the full-size picture to the generator's resolution. An unaligned look would make the result another person. Works in
 * browsers too.
 *
 * @throws FaceanimError `no-face` if no face is found, or fewer than `face` asks for; `invalid-option` for anything but an
 *   RGB image, and with `align: 'never'` for one that is not square.
 * @category Look and driver
 */
export async function prepareLook(image: RgbImage, options: PrepareLookOptions): Promise<PreparedLook> {
  checkOptions('prepareLook', options, checks, { required: ['landmarkNet', 'generator'], ignored: packKeys });
  anRgbImage(image, 'look');
  const { generator, landmarkNet, align = 'auto', backend, onWarning } = options;
  if (align === 'never') {
    checkSquare(image);
    return image;
  }
  await backend?.activate();
  const { locate, face, minScore, signal, onProgress } = options;
  const search = { landmarkNet, locate, face, minScore, signal, onProgress, onWarning };
  const { quad } = await locateFace(image, search);
  if (align === 'auto') {
    const off = distanceOfCorners(quad, centredSquare(image)) / Math.min(image.width, image.height);
    if (image.width === image.height && off <= lookTolerance) return image;
    onWarning?.(
      `The look is not aligned: its face is off by ${Math.round(100 * off)} % of the picture's side. It has been cropped by its landmarks.`,
    );
  }
  return { ...cropQuad(image, quad, generator.resolution), quad };
}

/** The largest distance between corresponding corners of two quads. */
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
