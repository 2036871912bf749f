import { invalidOption } from '@faceanim/tensor';
import type { RgbImage } from '../contracts/image';
import { checkIbug68, type LandmarkGroup, landmarkGroups } from './groups';
import type { Landmarks } from './measures';

/** Options of {@link drawLandmarks}. */
export interface DrawLandmarksOptions {
  /** RGB, 0..255. Default `[255, 200, 0]`, as in the original program. */
  color?: readonly [number, number, number];
  /** Line thickness in pixels, an integer, 2 or more. Default 2. */
  thickness?: number;
}

const closed: ReadonlySet<string> = new Set<LandmarkGroup>([
  'lowerNose',
  'leftEye',
  'rightEye',
  'outerLip',
  'innerLip',
]);

/**
 * Draws the landmark groups as polylines on a copy of the image, as the original program draws its targets: points are
 * truncated to integers, and lines are rasterised like OpenCV's `polylines` without anti-aliasing (LINE_8). At thickness 2
 * the pixels equal OpenCV's; thicker lines differ at their round ends.
 *
 * @throws FaceanimError `invalid-option` for an invalid thickness, or landmarks other than the 68 of iBUG.
 */
export function drawLandmarks(
  image: RgbImage,
  landmarks: Landmarks,
  options: DrawLandmarksOptions = {},
): RgbImage {
  const { color = [255, 200, 0], thickness = 2 } = options;
  if (!Number.isInteger(thickness) || thickness < 2)
    throw invalidOption('thickness', thickness, 'an integer, 2 or more');
  checkIbug68(landmarks.length / 2, 'drawLandmarks');
  const { width, height } = image;
  const data = Uint8ClampedArray.from(image.data);
  const plot: Plot = (x, y) => {
    if (x >= 0 && y >= 0 && x < width && y < height) data.set(color, (y * width + x) * 3);
  };
  for (const [name, [first, last]] of Object.entries(landmarkGroups)) {
    const points: Vector[] = [];
    for (let i = first; i <= last; i++) {
      points.push([Math.trunc(landmarks[2 * i]!), Math.trunc(landmarks[2 * i + 1]!)]);
    }
    if (closed.has(name)) points.push(points[0]!);
    for (let i = 1; i < points.length; i++)
      drawSegment(plot, points[i - 1]!, points[i]!, Math.ceil(thickness / 2));
  }
  return { width, height, data };
}

type Vector = [x: number, y: number];
type Plot = (x: number, y: number) => void;

/** One pixel in OpenCV's 16.16 fixed point, in which its pixels can be matched exactly. */
const one = 0x10000;
const toPixel = (value: number) => Math.floor(value / one + 0.5);

/** A line `2 * radius` pixels wide: a rectangle, filled and outlined, with a disc at either end. */
function drawSegment(plot: Plot, a: Vector, b: Vector, radius: number): void {
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
  if (length > 0) {
    const nx = Math.round(((b[1] - a[1]) * radius * one) / length);
    const ny = Math.round(((a[0] - b[0]) * radius * one) / length);
    const [ax, ay, bx, by] = [a[0] * one, a[1] * one, b[0] * one, b[1] * one];
    fillConvex(plot, [
      [ax + nx, ay + ny],
      [ax - nx, ay - ny],
      [bx - nx, by - ny],
      [bx + nx, by + ny],
    ]);
  }
  drawDisc(plot, a, radius);
  drawDisc(plot, b, radius);
}

function drawDisc(plot: Plot, [cx, cy]: Vector, radius: number): void {
  for (let y = -radius; y <= radius; y++) {
    const half = Math.floor(Math.sqrt(radius * radius - y * y));
    for (let x = -half; x <= half; x++) plot(cx + x, cy + y);
  }
}

/** Fills a convex polygon row by row, from edge to edge, and draws its outline. Fixed point. */
function fillConvex(plot: Plot, corners: Vector[]): void {
  const rows = new Map<number, number[]>();
  for (let i = 0; i < corners.length; i++) {
    const a = corners[i]!;
    const b = corners[(i + 1) % corners.length]!;
    drawThin(plot, a, b);
    const [upper, lower] = a[1] <= b[1] ? [a, b] : [b, a];
    const top = toPixel(upper[1]);
    const count = toPixel(lower[1]) - top;
    // Rounds as the integer division in OpenCV does.
    const step = Math.trunc((2 * (lower[0] - upper[0]) + count) / (2 * count));
    for (let k = 0; k < count; k++) {
      const crossings = rows.get(top + k);
      if (crossings) crossings.push(upper[0] + k * step);
      else rows.set(top + k, [upper[0] + k * step]);
    }
  }
  for (const [y, crossings] of rows) {
    const right = toPixel(Math.max(...crossings));
    for (let x = toPixel(Math.min(...crossings)); x <= right; x++) plot(x, y);
  }
}

/** A line one pixel wide that steps along its longer axis. Fixed point. */
function drawThin(plot: Plot, a: Vector, b: Vector): void {
  const major = Math.abs(b[0] - a[0]) > Math.abs(b[1] - a[1]) ? 0 : 1;
  const minor = 1 - major;
  const [start, end] = a[major]! <= b[major]! ? [a, b] : [b, a];
  const length = end[major]! - start[major]!;
  const step = Math.trunc(((end[minor]! - start[minor]!) * one) / (length | 1));
  const steps = Math.floor(length / one);
  for (let k = 0; k <= steps; k++) {
    const along = toPixel(start[major]!) + k;
    const across = toPixel(start[minor]! + k * step);
    if (major === 0) plot(along, across);
    else plot(across, along);
  }
  plot(toPixel(end[0]), toPixel(end[1]));
}
