import { FaceanimError, repeatRows } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { LatentStatistics } from '../contracts/latent-statistics';

/**
 * A latent space, i.e. the coordinates in which latents are optimised.
 * - `w`: one w for all layers.
 * - `w+`: one w per layer.
 * - `whitened-w`, `whitened-w+`: the same, in coordinates u with `w = ŵ + u·A` in which natural latents have a standard
 *   normal distribution.
 *
 * @category Latents and pictures
 */
export type LatentSpaceName = 'w' | 'w+' | 'whitened-w' | 'whitened-w+';

/** The coordinates in which a latent is optimised, and their mapping to W+. */
export interface LatentSpace extends Disposable {
  readonly name: LatentSpaceName;
  /** Shape of the coordinates of one latent: `[1 or numWs, dimensions]`. */
  readonly shape: readonly [number, number];
  /** Coordinates of the mean latent ŵ. */
  readonly origin: Float32Array;
  /** Standard deviation of natural latents in these coordinates, the unit of latent noise. */
  readonly std: number;
  /** Maps coordinates `[batch, 1 or numWs, dimensions]` to W+ `[batch, numWs, wDim]`. Differentiable. */
  toWs(coordinates: tf.Tensor): tf.Tensor3D;
  /** The coordinates closest to a W+ latent `[numWs * wDim]`; if layers share one w, those of their mean. */
  fromWs(ws: Float32Array): Float32Array;
}

/**
 * Opens a latent space of a generator.
 *
 * In the whitened spaces the rows of A are the eigenvectors of the covariance of w, scaled by the square roots of their
 * eigenvalues; eigenvalues below 1e-4 of the largest are dropped. This is the PCA of GANSpace (Härkönen et al. 2020,
 * arXiv 2004.02546). Steps of equal length change the face by similar amounts, and far from 0 there are no faces.
 *
 * @param own in W+, how many of the first layers have coordinates of their own; the others are their mean. Default all.
 * @throws {FaceanimError} `invalid-option` for a whitened space of latents that do not vary.
 */
export function latentSpace(
  name: LatentSpaceName,
  statistics: LatentStatistics,
  numWs: number,
  own = numWs,
): LatentSpace {
  const layers = name.endsWith('+') ? own : 1;
  return name.startsWith('whitened')
    ? whitenedSpace(name, layers, statistics, numWs)
    : plainSpace(name, layers, statistics, numWs);
}

/**
 * A space that draws each layer a fixed distance from where another space has it.
 *
 * @param offset added to W+ latents, `[numWs, wDim]`. Its mean over layers is 0, so that `fromWs` stays the same.
 */
export function withOffset(space: LatentSpace, offset: Float32Array, numWs: number): LatentSpace {
  const added = tf.tensor3d(offset, [1, numWs, offset.length / numWs]);
  return {
    ...space,
    toWs: (coordinates) => tf.add(space.toWs(coordinates), added),
    [Symbol.dispose]: () => added.dispose(),
  };
}

function plainSpace(
  name: LatentSpaceName,
  layers: number,
  { wDim, mean, std }: LatentStatistics,
  numWs: number,
): LatentSpace {
  return {
    name,
    shape: [layers, wDim],
    origin: Float32Array.from({ length: layers * wDim }, (_, i) => mean[i % wDim]!),
    std,
    toWs: (coordinates) => spread(coordinates, layers, numWs, wDim),
    fromWs: (ws) => collect(ws, layers, numWs, wDim),
    [Symbol.dispose]: () => {},
  };
}

function whitenedSpace(
  name: LatentSpaceName,
  layers: number,
  statistics: LatentStatistics,
  numWs: number,
): LatentSpace {
  const { wDim, mean } = statistics;
  const { axes, inverse, dimensions } = principalAxes(statistics);
  const a = tf.tensor2d(axes, [dimensions, wDim]);
  const centre = tf.tensor2d(mean, [1, wDim]);
  return {
    name,
    shape: [layers, dimensions],
    origin: new Float32Array(layers * dimensions),
    std: 1,
    toWs: (u) => spread(tf.add(tf.matMul(tf.reshape(u, [-1, dimensions]), a), centre), layers, numWs, wDim),
    fromWs: (ws) => {
      const w = collect(ws, layers, numWs, wDim);
      const u = new Float32Array(layers * dimensions);
      for (let layer = 0; layer < layers; layer++) {
        for (let k = 0; k < dimensions; k++) {
          let dot = 0;
          for (let i = 0; i < wDim; i++) dot += (w[layer * wDim + i]! - mean[i]!) * inverse[k * wDim + i]!;
          u[layer * dimensions + k] = dot;
        }
      }
      return u;
    },
    [Symbol.dispose]: () => tf.dispose([a, centre]),
  };
}

/** Rows of A, `[dimensions, wDim]`, and of its pseudo-inverse, the largest eigenvalue first. */
interface PrincipalAxes {
  readonly axes: Float32Array;
  readonly inverse: Float32Array;
  readonly dimensions: number;
}

/** The eigenvalue decomposition takes seconds for large generators, and both whitened spaces need it. */
const knownAxes = new WeakMap<LatentStatistics, PrincipalAxes>();

function principalAxes(statistics: LatentStatistics): PrincipalAxes {
  const known = knownAxes.get(statistics) ?? computeAxes(statistics);
  knownAxes.set(statistics, known);
  return known;
}

function computeAxes({ wDim, covariance }: LatentStatistics): PrincipalAxes {
  if (!covariance.every(Number.isFinite) || covariance.every((value) => value === 0)) {
    throw new FaceanimError(
      'invalid-option',
      'The generator maps all z to the same latent, or to no number.',
      {
        hint: 'Check that its checkpoint is whole, and that statistics you pass are those of this generator.',
      },
    );
  }
  const matrix = Matrix.from1DArray(wDim, wDim, covariance);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  const order = realEigenvalues.map((_, i) => i).sort((p, q) => realEigenvalues[q]! - realEigenvalues[p]!);
  const kept = order.filter((i) => realEigenvalues[i]! > 1e-4 * realEigenvalues[order[0]!]!);
  const axes = new Float32Array(kept.length * wDim);
  const inverse = new Float32Array(kept.length * wDim);
  kept.forEach((column, k) => {
    const scale = Math.sqrt(realEigenvalues[column]!);
    for (let i = 0; i < wDim; i++) {
      const component = eigenvectorMatrix.get(i, column);
      axes[k * wDim + i] = component * scale;
      inverse[k * wDim + i] = component / scale;
    }
  });
  return { axes, inverse, dimensions: kept.length };
}

function spread(w: tf.Tensor, layers: number, numWs: number, wDim: number): tf.Tensor3D {
  const own: tf.Tensor3D = tf.reshape(w, [-1, layers, wDim]);
  if (layers === 1 || layers === numWs) return repeatRows(own, numWs / layers);
  return tf.concat([own, repeatRows(tf.mean(own, 1, true), numWs - layers)], 1);
}

function collect(ws: Float32Array, layers: number, numWs: number, wDim: number): Float32Array {
  if (layers > 1) return ws.slice(0, layers * wDim);
  const mean = new Float32Array(wDim);
  for (let i = 0; i < ws.length; i++) mean[i % wDim]! += ws[i]! / numWs;
  return mean;
}
