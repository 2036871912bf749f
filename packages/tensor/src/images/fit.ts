import type { ImageTensor, Range } from './image-tensor';
import { resize } from './resize';

/** Brings images to `size` × `size` pixels: by area where they are larger, bilinear where they are smaller; differentiable. */
export function fitTo<R extends Range>(image: ImageTensor<R>, size: number): ImageTensor<R> {
  const [, height, width] = image.shape;
  return resize(image, [size, size], height < size || width < size ? 'bilinear' : 'area');
}
