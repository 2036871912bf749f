import { invalidOption } from '@faceanim/tensor';
import type { RgbImage } from '../contracts/image';
import { anRgbImage } from '../options';
import type { Quad } from './quad';

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Does the work of `cropQuad`.
 *
 * @param spacing most source pixels between samples; `cropQuad` has 1, which avoids aliasing. With 2 it takes a quarter of the
 *   time, and landmarks found in the crop move by 0.05 % of the outer eye distance; their error is 1.5 to 2 %.
 */
export function sampleQuad(image: RgbImage, quad: Quad, size: number | Size, spacing: number): RgbImage {
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
  const columns = samplesFor(right, spacing);
  const rows = samplesFor(down, spacing);

  const data = new Uint8ClampedArray(width * height * 3);
  const { data: source, width: columnsOfImage, height: rowsOfImage } = image;
  const [lastX, lastY] = [columnsOfImage - 1, rowsOfImage - 1];
  const share = 1 / (columns * rows);
  // This loop is most of the time of tracking outside of networks: everything is in local numbers.
  for (let j = 0, out = 0; j < height; j++) {
    for (let i = 0; i < width; i++, out += 3) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let b = 0; b < rows; b++) {
        const v = j + (b + 0.5) / rows - height / 2;
        for (let a = 0; a < columns; a++) {
          const u = i + (a + 0.5) / columns - width / 2;
          const px = Math.min(Math.max(center[0] + u * right[0] + v * down[0] - 0.5, 0), lastX);
          const py = Math.min(Math.max(center[1] + u * right[1] + v * down[1] - 0.5, 0), lastY);
          const left = px | 0;
          const top = py | 0;
          const fx = px - left;
          const fy = py - top;
          const p = (top * columnsOfImage + left) * 3;
          const q = left < lastX ? p + 3 : p;
          const below = top < lastY ? columnsOfImage * 3 : 0;
          const wa = (1 - fx) * (1 - fy);
          const wb = fx * (1 - fy);
          const wc = (1 - fx) * fy;
          const wd = fx * fy;
          red += source[p]! * wa + source[q]! * wb + source[p + below]! * wc + source[q + below]! * wd;
          green +=
            source[p + 1]! * wa +
            source[q + 1]! * wb +
            source[p + below + 1]! * wc +
            source[q + below + 1]! * wd;
          blue +=
            source[p + 2]! * wa +
            source[q + 2]! * wb +
            source[p + below + 2]! * wc +
            source[q + below + 2]! * wd;
        }
      }
      // Storing into a clamped array rounds.
      data[out] = red * share;
      data[out + 1] = green * share;
      data[out + 2] = blue * share;
    }
  }
  return { width, height, data };
}

/** Number of samples per crop pixel along one axis that keeps them at most `spacing` source pixels apart. */
function samplesFor(step: readonly [number, number], spacing: number): number {
  // A rounding error must not double the number of samples.
  return Math.max(1, Math.ceil(Math.hypot(...step) / spacing - 1e-6));
}
