import { type PrepareLookOptions, prepareLook, type RgbImage } from '@faceanim/core';
import { readImage } from '@faceanim/media';
import { FaceanimError } from '@faceanim/tensor';

/**
 * Longest side at which a look is read, in pixels: a face that is found takes a fifth of the shorter side or more, which
 * still has the pixels of most generators.
 */
const maxSide = 4096;

/** Reads the picture of a look, a large one smaller. @throws {FaceanimError} `io` or `media` naming the file. */
export function readLook(file: string): Promise<RgbImage> {
  return readImage(file, { maxSide });
}

/**
 * Aligns a look as the generator's pictures are, where it is not.
 *
 * @throws {FaceanimError} `no-face`; `invalid-option` for one that is neither square nor to be aligned; naming the file.
 */
export async function alignLook(
  image: RgbImage,
  file: string,
  options: PrepareLookOptions,
): Promise<RgbImage> {
  try {
    return await prepareLook(image, {
      ...options,
      onWarning: (message) => options.onWarning?.(`${file}: ${message}`),
    });
  } catch (cause) {
    if (FaceanimError.isInstance(cause, 'no-face')) {
      throw new FaceanimError('no-face', `No face was found in the look ${file}.`, {
        file,
        cause,
        hint: 'Use a picture with one large face, or pass --align-look never if it is aligned already.',
      });
    }
    if (FaceanimError.isInstance(cause, 'invalid-option')) {
      throw new FaceanimError('invalid-option', `${file}: ${cause.message}`, {
        file,
        cause,
        hint: 'Leave out --align-look never to have it cropped.',
      });
    }
    throw cause;
  }
}
