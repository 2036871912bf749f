import { accepting, checkOptions, numberFrom, type OptionChecks } from '@faceanim/tensor/options';
import type { RgbImage } from '../contracts/image';
import { anRgbImage } from '../options';
import { imageToQuad, type Quad, type Rect, rectQuad } from './quad';
import { cropQuad } from './warp';

/**
 * Options of {@link pasteBack}.
 *
 * @category Latents and pictures
 */
export interface PasteBackOptions {
  /** The picture from which the look was cropped. */
  readonly background: RgbImage;
  /** Where in it: the `quad` of the look that `prepareLook` returns. */
  readonly quad: Quad;
  /** Width of the soft border, relative to the side of the quad, from 0 to 0.5. Default 0.15. */
  readonly feather?: number;
}

const checks: OptionChecks<PasteBackOptions> = {
  background: (value) => anRgbImage(value as RgbImage, 'background'),
  quad: accepting('a quad {center, x, y}', isQuad),
  feather: numberFrom(0, 0.5),
};

/**
 * Puts an animated face back into the picture from which its look was cropped. The frame is scaled and turned into its place
 * and fades out towards the border of the quad, along a square with round corners. Beyond it, the picture stays as it is, and
 * no colours are matched, so this is for generators that draw the same person as the picture shows.
 *
 * @param frame an image of the generator, of any size.
 * @returns a new picture of the size of `background`.
 * @throws FaceanimError `invalid-option`
 * @category Latents and pictures
 */
export function pasteBack(frame: RgbImage, options: PasteBackOptions): RgbImage {
  anRgbImage(frame, 'frame');
  checkOptions('pasteBack', options, checks, { required: ['background', 'quad'] });
  const { background, quad, feather = 0.15 } = options;
  const data = Uint8ClampedArray.from(background.data);
  const { width, height } = background;
  const box = boxOf(quad, background);
  if (box.width < 1 || box.height < 1) return { width, height, data };
  const patch = cropQuad(frame, inFrame(box, quad, frame), box);
  // The first pixel of the box and its neighbours to the right and below, on the scale from -1 to 1 of the quad.
  const [left, top] = [box.x + 0.5, box.y + 0.5];
  const three = imageToQuad([left, top, left + 1, top, left, top + 1], quad, 2);
  const [u = 0, v = 0, ur = 0, vr = 0, ud = 0, vd = 0] = three.map((value) => value - 1);
  for (let j = 0, from = 0; j < box.height; j++) {
    let to = 3 * ((box.y + j) * width + box.x);
    for (let i = 0; i < box.width; i++, from += 3, to += 3) {
      const weight = opacity(u + i * (ur - u) + j * (ud - u), v + i * (vr - v) + j * (vd - v), feather);
      if (weight === 0) continue;
      for (let c = 0; c < 3; c++) {
        const before = background.data[to + c]!;
        data[to + c] = before + weight * (patch.data[from + c]! - before);
      }
    }
  }
  return { width, height, data };
}

/** The pixels of a picture that a quad may touch. */
function boxOf({ center, x, y }: Quad, { width, height }: RgbImage): Rect {
  const range = (i: 0 | 1, size: number) => {
    const reach = Math.abs(x[i]) + Math.abs(y[i]);
    const from = Math.max(0, Math.floor(center[i] - reach));
    return [from, Math.min(size, Math.ceil(center[i] + reach)) - from] as const;
  };
  const [[left, columns], [top, rows]] = [range(0, width), range(1, height)];
  return { x: left, y: top, width: columns, height: rows };
}

/** A box of the picture as a quad of the frame, whose pixels need not be square. */
function inFrame(box: Rect, quad: Quad, { width, height }: RgbImage): Quad {
  const { center, x, y } = rectQuad(box);
  const corners = [center, [center[0] + x[0], center[1]], [center[0], center[1] + y[1]]].flat();
  const unit = imageToQuad(corners, quad, 1);
  const [cx, cy, rx, ry, dx, dy] = Array.from(unit, (value, i) => value * (i % 2 === 0 ? width : height));
  return { center: [cx!, cy!], x: [rx! - cx!, ry! - cy!], y: [dx! - cx!, dy! - cy!] };
}

/** From 1 inside to 0 at the border of the quad, smoothly. */
function opacity(u: number, v: number, feather: number): number {
  const radius = (u ** 8 + v ** 8) ** (1 / 8);
  if (radius >= 1) return 0;
  const t = feather === 0 ? 1 : Math.min(1, (1 - radius) / (2 * feather));
  return t * t * (3 - 2 * t);
}

function isQuad(value: unknown): boolean {
  const { center, x, y } = (value ?? {}) as Partial<Quad>;
  const points = [center, x, y];
  if (!points.every((point) => point?.length === 2 && point.every(Number.isFinite))) return false;
  // Its sides must not lie on one line.
  return Math.abs(x![0] * y![1] - x![1] * y![0]) > 0;
}
