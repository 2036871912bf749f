// @ts-check
import { readVideo, writeVideo } from '@faceanim/media';

/**
 * Encodes images and decodes the result: the sizes of its frames.
 * @param {import('@faceanim/core').RgbImage[]} images
 */
export async function roundTrip(images) {
  const video = await writeVideo('out.webm', images, { fps: 25 });
  const sizes = [];
  for await (const { image } of readVideo(await video.blob())) sizes.push(`${image.width}x${image.height}`);
  return sizes;
}
