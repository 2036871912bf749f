import { type RgbImage, tensorToImages } from '@faceanim/core';
import type { AvatarPack } from '@faceanim/models';
import * as tf from '@tensorflow/tfjs-core';

/** Draws the face of a latent z `[zDim]` on the active backend. */
export async function drawFace({ generator }: AvatarPack<'generator'>, z: Float32Array): Promise<RgbImage> {
  const image = tf.tidy(() => generator.synthesis(generator.mapping(tf.tensor2d(z, [1, z.length]))));
  const [face] = await tensorToImages(image, 'signed');
  image.dispose();
  return face!;
}
