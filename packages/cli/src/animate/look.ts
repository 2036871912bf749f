import { type PreparedLook, type PrepareLookOptions, prepareLook, type RgbImage } from '@faceanim/core';
import { readImage } from '@faceanim/media';
import { FaceanimError } from '@faceanim/tensor';
import type { RunNetworks } from '../networks/networks';
import type { RunFolder } from '../run/open-run';
import { warningsOf } from '../terminal/in-file';
import type { AnimateOptions } from './options';

/**
 * A larger look is scaled down to this many pixels when it is read. A face that can be found fills a fifth of the picture or
 * more, which still is as large as the pictures of most generators.
 */
const maxSide = 4096;

/** Reads a look. @throws {FaceanimError} `io` or `media` naming the flag and the file. */
export async function readLook(file: string): Promise<RgbImage> {
  try {
    return await readImage(file, { maxSide });
  } catch (cause) {
    if (!FaceanimError.isInstance(cause)) throw cause;
    const { code, message, hint } = cause;
    throw new FaceanimError(code, `--look ${message}`, { file, cause, hint });
  }
}

/**
 * Aligns the look of a run if it is not aligned. A resumed run gets the look that its finished frames were made with.
 *
 * @throws {FaceanimError} as {@link alignLook}.
 */
export async function lookOf(
  picture: RgbImage,
  { look: file, alignLook: align, lookFace: face, minScore }: AnimateOptions,
  run: Pick<RunFolder, 'continues' | 'look' | 'keepLook'>,
  { generator, landmarkNet }: RunNetworks<'generator' | 'landmarkNet'>,
  hooks: Pick<PrepareLookOptions, 'signal' | 'onProgress' | 'onWarning'>,
): Promise<PreparedLook> {
  if (run.continues) return run.look ?? picture;
  const look = await alignLook(picture, file!, { generator, landmarkNet, align, face, minScore, ...hooks });
  if (look !== picture) run.keepLook(look);
  return look;
}

/**
 * Aligns a look like the generator's pictures, if it is not aligned already.
 *
 * @throws {FaceanimError} naming the file: `no-face`, or `invalid-option` for a look that is not square and shall not be
 *   aligned.
 */
export async function alignLook(
  image: RgbImage,
  file: string,
  options: PrepareLookOptions,
): Promise<PreparedLook> {
  try {
    return await prepareLook(image, {
      ...options,
      onWarning: warningsOf(file, options.onWarning, '--look-face'),
    });
  } catch (cause) {
    if (FaceanimError.isInstance(cause, 'no-face')) {
      const { face = 'largest' } = options;
      const which = typeof face === 'number' && face > 0 ? `Face ${face} was not found` : 'No face was found';
      throw new FaceanimError('no-face', `${which} in the look ${file}.`, {
        file,
        cause,
        hint: which.startsWith('Face')
          ? 'Faces are counted from left to right, from 0. Or pass --look-face x,y.'
          : 'Use a picture with one large face, or pass --align-look never if it is already aligned.',
      });
    }
    if (FaceanimError.isInstance(cause, 'invalid-option')) {
      throw new FaceanimError('invalid-option', `${file}: ${cause.message}`, {
        file,
        cause,
        hint: 'Leave out --align-look never, and it is cropped.',
      });
    }
    throw cause;
  }
}
