import { FrozenConv, type MaxPoolOptions, maxPool, type TensorBag, type Weights } from '@faceanim/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import type { Architecture } from '../../networks/architecture';
import { type WeightShapes, weightOf } from '../../networks/check-weights';

/** A part of a trunk; its output is one layer of LPIPS features, `[N, H, W, C]`, 0 or more. */
export type TrunkStage = (x: tf.Tensor4D) => tf.Tensor4D;

/** A network whose activations LPIPS compares. */
export interface Trunk extends Architecture {
  /** Gives weights the names that the trunk takes, for files that have others. */
  rename?(weights: Weights): Weights;
  /** Shapes of its tensors, with the widths that the weights have. */
  shapes(weights: Weights): WeightShapes;
  /** Number of channels after each stage. */
  widths(weights: Weights): number[];
  /** Its stages in order; each takes the output of the one before. */
  build(bag: TensorBag, weights: Weights): TrunkStage[];
}

/** A convolution with bias and ReLU. */
export interface TrunkConv {
  /** Its tensors are `NAME.weight` and `NAME.bias`. */
  readonly name: string;
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: number;
}

/** Optional max pooling, then convolutions. */
export interface SequentialStage {
  readonly pool?: MaxPoolOptions;
  readonly convs: readonly TrunkConv[];
}

/** Where `importCheckpoint` writes the weights of a trunk. */
export const trunkFile = 'lpips-trunk.safetensors';

/** A trunk that is a sequence of convolutions. */
export function sequentialTrunk(
  about: Pick<Trunk, 'name' | 'anchors' | 'licence' | 'rename'>,
  stagesOf: (weights: Weights) => SequentialStage[],
): Trunk {
  return {
    ...about,
    packFile: trunkFile,
    shapes: (weights) => {
      const shapes: Record<string, readonly number[]> = {};
      let inputs = 3;
      for (const { name, kernel } of stagesOf(weights).flatMap(({ convs }) => convs)) {
        inputs = convShapes(shapes, weights, name, inputs, kernel);
      }
      return shapes;
    },
    widths: (weights) =>
      stagesOf(weights).map(({ convs }) => weightOf(weights, `${convs.at(-1)!.name}.weight`).shape[0]!),
    build: (bag, weights) =>
      stagesOf(weights).map(({ pool, convs }) => {
        const layers = convs.map((conv) => trunkConv(bag, weights, conv));
        return (x) => layers.reduce((y, layer) => layer.apply(y), pool ? maxPool(x, pool) : x);
      }),
  };
}

/** Adds the shapes of a convolution and its bias; returns the width it has in the weights. */
export function convShapes(
  shapes: Record<string, readonly number[]>,
  weights: Weights,
  name: string,
  inputs: number,
  kernel: number,
): number {
  const outputs = weights.get(`${name}.weight`)?.shape[0] ?? 1;
  shapes[`${name}.weight`] = [outputs, inputs, kernel, kernel];
  shapes[`${name}.bias`] = [outputs];
  return outputs;
}

/** Builds a convolution with bias and ReLU. */
export function trunkConv(
  bag: TensorBag,
  weights: Weights,
  { name, stride, padding }: TrunkConv,
): FrozenConv {
  const bias = weightOf(weights, `${name}.bias`).data;
  return bag.use(new FrozenConv(weightOf(weights, `${name}.weight`), { stride, padding, bias, relu: true }));
}
