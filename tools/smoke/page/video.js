// @ts-check
import { readVideo, writeVideo } from '@faceanim/media';

/**
 * Encodes images and decodes the result: the sizes of its frames.
 * @param {string} name
 * @param {import('@faceanim/core').RgbImage[]} images
 */
export async function roundTrip(name, images) {
  const video = await writeVideo(name, images, { fps: 25 });
  const sizes = [];
  for await (const { image } of readVideo(await video.blob())) sizes.push(`${image.width}x${image.height}`);
  return sizes;
}
