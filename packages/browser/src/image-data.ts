import type { RgbImage } from '@faceanim/core';

/** An image as a canvas takes it: `context.putImageData(imageData(frame.image), 0, 0)`. */
export function imageData({ width, height, data }: RgbImage): ImageData {
  const result = new ImageData(width, height);
  result.data.fill(255);
  for (let i = 0, o = 0; i < data.length; i += 3, o += 4) {
    result.data[o] = data[i]!;
    result.data[o + 1] = data[i + 1]!;
    result.data[o + 2] = data[i + 2]!;
  }
  return result;
}
