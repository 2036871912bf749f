import { cropQuad, FaceanimError, type LandmarkNet, locateFace, type RgbImage } from '@faceanim/core';

/** Crops a look as FFHQ was cropped, by its own landmarks. @throws {FaceanimError} `no-face` naming the file. */
export async function alignLook(image: RgbImage, net: LandmarkNet, file: string): Promise<RgbImage> {
  try {
    const { quad } = await locateFace(image, { net });
    return cropQuad(image, quad, net.inputSize);
  } catch (error) {
    if (!FaceanimError.isInstance(error, 'no-face')) throw error;
    throw new FaceanimError('no-face', `No face was found in the look ${file}.`, {
      file,
      cause: error,
      hint: 'Use a picture with one large face, or leave out --align-look if it is aligned already.',
    });
  }
}
