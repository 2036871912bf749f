import { invalidOption } from '@faceanim/tensor';
import type { RgbImage } from '../contracts/image';
import { anRgbImage } from '../options';
import { centredSquare, type Quad, rectQuad } from './quad';

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Cuts a quad out of an image and scales it to `size`. Enlarges bilinearly; shrinks by averaging bilinear samples at most
 * one source pixel apart, to avoid aliasing. Outside the image, its border pixels are repeated.
 *
 * @param size width and height of the result; a number stands for a square.
 * @throws FaceanimError `invalid-option` for an image that is not RGB, a size that is not a positive integer, or a quad
 *   that is not finite.
 */
export function cropQuad(image: RgbImage, quad: Quad, size: number | Size): RgbImage {
  anRgbImage(image, 'image');
  const { width, height } = typeof size === 'number' ? { width: size, height: size } : size;
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < 1) throw invalidOption('size', side, 'a positive integer');
  }
  const { center, x, y } = quad;
  if (![...center, ...x, ...y].every(Number.isFinite))
    throw invalidOption('quad', quad, 'made of finite numbers');

  // One step to the right and one down in the crop, in source pixels.
  const right = [(2 * x[0]) / width, (2 * x[1]) / width] as const;
  const down = [(2 * y[0]) / height, (2 * y[1]) / height] as const;
  const columns = samplesFor(right);
  const rows = samplesFor(down);

  const data = new Uint8ClampedArray(width * height * 3);
  const sum = new Float64Array(3);
  const share = 1 / (columns * rows);
  for (let j = 0, out = 0; j < height; j++) {
    for (let i = 0; i < width; i++, out += 3) {
      sum.fill(0);
      for (let b = 0; b < rows; b++) {
        const v = j + (b + 0.5) / rows - height / 2;
        for (let a = 0; a < columns; a++) {
          const u = i + (a + 0.5) / columns - width / 2;
          addSample(
            sum,
            image,
            center[0] + u * right[0] + v * down[0],
            center[1] + u * right[1] + v * down[1],
          );
        }
      }
      // Storing into a clamped array rounds.
      data[out] = sum[0]! * share;
      data[out + 1] = sum[1]! * share;
      data[out + 2] = sum[2]! * share;
    }
  }
  return { width, height, data };
}

/** Scales an image to another size, as {@link cropQuad} does; another aspect ratio stretches it. */
export function resizeImage(image: RgbImage, size: number | Size): RgbImage {
  return cropQuad(image, rectQuad({ x: 0, y: 0, width: image.width, height: image.height }), size);
}

/** Cuts out the largest centred square of an image and scales it to `size` pixels a side, as {@link cropQuad} does. */
export function squareImage(image: RgbImage, size: number): RgbImage {
  return cropQuad(image, centredSquare(image), size);
}

/** Number of samples per crop pixel along one axis that keeps them at most one source pixel apart. */
function samplesFor(step: readonly [number, number]): number {
  // A rounding error must not double the number of samples.
  return Math.max(1, Math.ceil(Math.hypot(...step) - 1e-6));
}

/** Adds the bilinear sample at (x, y) to `sum`. */
function addSample(sum: Float64Array, { width, height, data }: RgbImage, x: number, y: number): void {
  const px = Math.min(Math.max(x - 0.5, 0), width - 1);
  const py = Math.min(Math.max(y - 0.5, 0), height - 1);
  const left = px | 0;
  const top = py | 0;
  const fx = px - left;
  const fy = py - top;
  const a = (top * width + left) * 3;
  const b = left + 1 < width ? a + 3 : a;
  const below = top + 1 < height ? width * 3 : 0;
  const wa = (1 - fx) * (1 - fy);
  const wb = fx * (1 - fy);
  const wc = (1 - fx) * fy;
  const wd = fx * fy;
  for (let c = 0; c < 3; c++) {
    sum[c]! += data[a + c]! * wa + data[b + c]! * wb + data[a + below + c]! * wc + data[b + below + c]! * wd;
  }
}
