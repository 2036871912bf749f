import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import type { RgbImage } from '../contracts/image';

/** How far the movement of a point reaches, in sides of the image: standard deviation of a Gaussian. */
const reach = 0.15;
/** Variance of the noise in movements, relative to theirs. Without it, points that are close would tear the picture. */
const noise = 0.03;
/** Cells a side of the grid at which movements are computed. In between they are interpolated. */
const cells = 64;
/** Points a side of the grid. */
const corners = cells + 1;

/**
 * Warps a square image so that what it shows at `from` is shown at `to`. What is near the points moves along; far from all of
 * them nothing moves. Movements are interpolated by Gaussian process regression (kriging).
 *
 * @param from points `x0, y0, x1, …` in pixels.
 */
export function movePoints(image: RgbImage, from: ArrayLike<number>, to: ArrayLike<number>): RgbImage {
  const side = image.width;
  const inSides = (points: ArrayLike<number>) => Float64Array.from(points, (value) => value / side);
  const [shiftX, shiftY] = shiftGrids(inSides(from), inSides(to));
  const data = new Uint8ClampedArray(3 * side * side);
  const row = { x: new Float64Array(corners), y: new Float64Array(corners) };
  const cellsPerPixel = cells / side;
  for (let j = 0; j < side; j++) {
    const v = (j + 0.5) * cellsPerPixel;
    const first = Math.floor(v) * corners;
    for (let k = first; k < first + corners; k++) {
      row.x[k - first] = side * (shiftX[k]! + (v % 1) * (shiftX[k + corners]! - shiftX[k]!));
      row.y[k - first] = side * (shiftY[k]! + (v % 1) * (shiftY[k + corners]! - shiftY[k]!));
    }
    for (let i = 0; i < side; i++) {
      const u = (i + 0.5) * cellsPerPixel;
      const k = Math.floor(u);
      const x = i + row.x[k]! + (u - k) * (row.x[k + 1]! - row.x[k]!);
      const y = j + row.y[k]! + (u - k) * (row.y[k + 1]! - row.y[k]!);
      sample(image, x, y, data, 3 * (j * side + i));
    }
  }
  return { width: side, height: side, data };
}

/** On the grid: how far from a point of the result that is which is shown there, in x and in y, in sides of the image. */
function shiftGrids(from: Float64Array, to: Float64Array): [Float64Array, Float64Array] {
  const count = to.length / 2;
  const nearness = (x: number, y: number, i: number) =>
    Math.exp(-((x - to[2 * i]!) ** 2 + (y - to[2 * i + 1]!) ** 2) / (2 * reach ** 2));
  const covariance = new Matrix(count, count);
  const shifts = new Matrix(count, 2);
  for (let i = 0; i < count; i++) {
    const [x, y] = [to[2 * i]!, to[2 * i + 1]!];
    for (let k = 0; k < count; k++) covariance.set(i, k, nearness(x, y, k) + (i === k ? noise : 0));
    shifts.setRow(i, [from[2 * i]! - x, from[2 * i + 1]! - y]);
  }
  const weights = new CholeskyDecomposition(covariance).solve(shifts).to2DArray();
  // A Gaussian is one across times one down: there are few of these.
  const across = nearnessAlong(to, 0);
  const down = nearnessAlong(to, 1);
  const [gridX, gridY] = [new Float64Array(corners ** 2), new Float64Array(corners ** 2)];
  for (let k = 0; k < corners ** 2; k++) {
    const column = (k % corners) * count;
    const row = Math.floor(k / corners) * count;
    let [x, y] = [0, 0];
    for (let i = 0; i < count; i++) {
      const near = across[column + i]! * down[row + i]!;
      x += near * weights[i]![0]!;
      y += near * weights[i]![1]!;
    }
    gridX[k] = x;
    gridY[k] = y;
  }
  return [gridX, gridY];
}

/** How near each point is to each line of the grid along one axis, `[corners * points]`. */
function nearnessAlong(points: Float64Array, axis: 0 | 1): Float64Array {
  const count = points.length / 2;
  return Float64Array.from({ length: corners * count }, (_, k) => {
    const distance = Math.floor(k / count) / cells - points[2 * (k % count) + axis]!;
    return Math.exp(-(distance ** 2) / (2 * reach ** 2));
  });
}

/** Writes the bilinear sample at `(x, y)`, where whole numbers are centres of pixels. Outside, border pixels are repeated. */
function sample(
  { width, height, data }: RgbImage,
  x: number,
  y: number,
  into: Uint8ClampedArray,
  at: number,
): void {
  const px = Math.min(Math.max(x, 0), width - 1);
  const py = Math.min(Math.max(y, 0), height - 1);
  const left = px | 0;
  const top = py | 0;
  const fx = px - left;
  const fy = py - top;
  const p = (top * width + left) * 3;
  const q = left < width - 1 ? p + 3 : p;
  const below = top < height - 1 ? width * 3 : 0;
  for (let c = 0; c < 3; c++) {
    const upper = data[p + c]! + fx * (data[q + c]! - data[p + c]!);
    const lower = data[p + below + c]! + fx * (data[q + below + c]! - data[p + below + c]!);
    into[at + c] = upper + fy * (lower - upper);
  }
}
