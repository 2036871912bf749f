// Not checked by the compiler, which sees the side of Node; bundlers take that of browsers.
import { readVideo, writeVideo } from '@faceanim/media';

/** Encodes images and decodes the result: the sizes of its frames. */
export async function roundTrip(images) {
  const blob = await writeVideo(images, { fps: 25, format: 'webm' });
  const sizes = [];
  for await (const { image } of readVideo(blob)) sizes.push(`${image.width}x${image.height}`);
  return sizes;
}
