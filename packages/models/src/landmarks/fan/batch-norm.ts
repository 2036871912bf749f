import type { HostTensor, Weights } from '@faceanim/tensor';
import { weightOf } from '../../networks/check-weights';

const EPSILON = 1e-5;

/** A batch norm with fixed statistics: x * scale + shift, per channel. */
export interface Affine {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

/** Reads `NAME.weight`, `.bias`, `.running_mean` and `.running_var`. */
export function batchNorm(weights: Weights, name: string): Affine {
  const part = (suffix: string) => weightOf(weights, `${name}.${suffix}`).data;
  const [weight, bias, mean, variance] = [
    part('weight'),
    part('bias'),
    part('running_mean'),
    part('running_var'),
  ];
  const scale = weight.map((v, i) => v / Math.sqrt(variance[i]! + EPSILON));
  return { scale, shift: bias.map((v, i) => v - mean[i]! * scale[i]!) };
}

/** Folds a batch norm into the convolution before it. */
export function foldBatchNorm(
  weight: HostTensor,
  bias: Float32Array,
  { scale, shift }: Affine,
): { weight: HostTensor; bias: Float32Array } {
  const perOutput = weight.data.length / weight.shape[0]!;
  return {
    weight: { shape: weight.shape, data: weight.data.map((v, i) => v * scale[Math.floor(i / perOutput)]!) },
    bias: bias.map((v, i) => v * scale[i]! + shift[i]!),
  };
}
