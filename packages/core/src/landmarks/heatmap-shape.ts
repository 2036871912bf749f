import { type Arithmetic, FaceanimError, invalidOption, pointwise } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { decodeSubpixel } from './decode-subpixel';

/** Cells on either side of a landmark that its shape holds. */
const radius = 8;
const side = 2 * radius + 1;

/** How a landmark network draws each of its landmarks: the mean of its heat maps around them. */
export interface HeatmapShape {
  /** Number of landmarks. */
  readonly points: number;
  /** Side of the heat maps in cells. */
  readonly size: number;
  /** Heat by the distance from the landmark in whole cells, -8..8 down and across: `[points, 17, 17]`. */
  readonly patches: Float32Array;
}

/**
 * Measures how a landmark network draws its landmarks. They differ: corners of eyes and lips are sharp and high, the jaw
 * is drawn low, broad and along its line. Of the bundled network's maps for a look, maps drawn with the shapes of three
 * other looks differ by 6 % of their sum of squares, Gaussians with a measured height and width by 10 %.
 *
 * @param heatmaps of one image or more, `[size, size, points]` each, points innermost.
 * @throws FaceanimError `invalid-option` for no heat maps, or a length that does not fit.
 */
export function heatmapShape(
  heatmaps: readonly Float32Array[],
  { points, size }: { points: number; size: number },
): HeatmapShape {
  if (heatmaps.length === 0) throw invalidOption('heatmaps', 0, 'those of one image or more');
  const patches = new Float32Array(points * side * side);
  for (const maps of heatmaps) {
    const found = decodeSubpixel(maps, { points, size }).points;
    for (let p = 0; p < points; p++) {
      const cell: Cells = (x, y) =>
        x < 0 || y < 0 || x >= size || y >= size ? 0 : maps[(y * size + x) * points + p]!;
      // The centre of cell 0 is at 0.5.
      const [left, top] = [found[2 * p]! - 0.5 - radius, found[2 * p + 1]! - 0.5 - radius];
      const [x0, y0] = [Math.floor(left), Math.floor(top)];
      const [across, down] = [cubicWeights(left - x0), cubicWeights(top - y0)];
      for (let j = 0; j < side; j++) {
        for (let i = 0; i < side; i++) {
          const heat = interpolated(cell, x0 + i, y0 + j, across, down);
          patches[(p * side + j) * side + i]! += heat / heatmaps.length;
        }
      }
    }
  }
  return { points, size, patches };
}

/**
 * Draws heat maps as the network of a shape would for landmarks at given places.
 *
 * @param landmarks in cells, `[points, 2]`; the centre of the first cell is (0.5, 0.5). One that is not finite leaves its map
 *   empty.
 * @returns `[1, size, size, points]`, points innermost. The caller disposes it.
 * @throws FaceanimError `invalid-option` for another number of landmarks.
 */
export function drawHeatmaps({ points, size, patches }: HeatmapShape, landmarks: tf.Tensor2D): tf.Tensor4D {
  if (landmarks.shape[0] !== points) {
    throw new FaceanimError(
      'invalid-option',
      `There are ${landmarks.shape[0]} landmarks for a network of ${points}.`,
      { hint: 'Pass those of the network that the shape was measured with.' },
    );
  }
  return tf.tidy(() => {
    const range = (count: number) => tf.range(0, count);
    // For x and for y of each landmark: what each cell of its patch adds to each cell of the map.
    const shares = pointwise(
      'heatmapShares',
      {
        landmark: tf.reshape<tf.Rank.R3>(tf.transpose(landmarks), [2 * points, 1, 1]),
        cell: tf.reshape<tf.Rank.R3>(range(size), [1, size, 1]),
        patchCell: tf.reshape<tf.Rank.R3>(range(side), [1, 1, side]),
        first: radius + 0.5,
        last: side - 1,
      },
      (math, { landmark, cell, patchCell, first, last }) => {
        const inPatch = math.add(math.sub(cell, landmark), first);
        const outside = math.or(math.less(inPatch, math.constant(0)), math.less(last, inPatch));
        const drawn = math.and(math.isFinite(landmark), math.not(outside));
        return [math.where(drawn, cubicShare(math, math.sub(inPatch, patchCell)), math.constant(0))];
      },
    );
    const along = (axis: number) => tf.slice(shares, [axis * points, 0, 0], [points, size, side]);
    const rows = tf.matMul(along(1), tf.tensor3d(patches, [points, side, side]));
    const maps = tf.matMul(rows, along(0), false, true);
    return tf.reshape(tf.transpose(maps, [1, 2, 0]), [1, size, size, points]);
  });
}

/** The share of a cell in a place that is `distance` from it, by cubic convolution as in {@link cubicWeights}. */
function cubicShare<T>(math: Arithmetic<T>, distance: T): T {
  const x = math.abs(distance);
  const polynomial = (factors: readonly number[]) =>
    factors.reduceRight((sum, factor) => math.add(math.constant(factor), math.mul(x, sum)), math.constant(0));
  return math.where(
    math.less(x, math.constant(1)),
    polynomial([1, 0, -2.5, 1.5]),
    math.where(math.less(x, math.constant(2)), polynomial([2, -4, 2.5, -0.5]), math.constant(0)),
  );
}

type Cells = (x: number, y: number) => number;

/** A value between cells by cubic convolution (Keys 1981, a = -1/2), which keeps the height of peaks. */
function interpolated(cell: Cells, x0: number, y0: number, across: Weights, down: Weights): number {
  let sum = 0;
  for (let j = 0; j < 4; j++) {
    for (let i = 0; i < 4; i++) sum += down[j]! * across[i]! * cell(x0 - 1 + i, y0 - 1 + j);
  }
  return sum;
}

type Weights = readonly [number, number, number, number];

/** Weights of the four cells around a place, `t` beyond the second. */
function cubicWeights(t: number): Weights {
  const [t2, t3] = [t * t, t * t * t];
  return [
    -0.5 * t + t2 - 0.5 * t3,
    1 - 2.5 * t2 + 1.5 * t3,
    0.5 * t + 2 * t2 - 1.5 * t3,
    -0.5 * t2 + 0.5 * t3,
  ];
}
