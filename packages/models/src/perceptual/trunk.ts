import { FrozenConv, type MaxPoolOptions, maxPool, type Weights } from '@faceanim/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import { type WeightShapes, weightOf } from '../check-weights';
import type { Resources } from '../resources';

/** A part of a trunk whose result is one layer of LPIPS features, `[N, H, W, C]`, not negative. */
export type TrunkStage = (x: tf.Tensor4D) => tf.Tensor4D;

/** A network whose inner activations LPIPS compares. */
export interface Trunk {
  /** Name for people. */
  readonly network: string;
  /** Names and shapes of its tensors, widths taken from the weights. */
  shapes(weights: Weights): WeightShapes;
  /** Channels of the result of each stage. */
  widths(weights: Weights): number[];
  /** Its stages in order, each fed with the result of the one before. */
  build(resources: Resources, weights: Weights): TrunkStage[];
}

/** A convolution with bias and ReLU. */
export interface TrunkConv {
  /** Name in front of `.weight` and `.bias`. */
  readonly name: string;
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: number;
}

/** Max pooling, where it is asked for, then convolutions. */
export interface SequentialStage {
  readonly pool?: MaxPoolOptions;
  readonly convs: readonly TrunkConv[];
}

/** A trunk of convolutions in a row. */
export function sequentialTrunk(network: string, stagesOf: (weights: Weights) => SequentialStage[]): Trunk {
  return {
    network,
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
    build: (resources, weights) =>
      stagesOf(weights).map(({ pool, convs }) => {
        const layers = convs.map((conv) => trunkConv(resources, weights, conv));
        return (x) => layers.reduce((y, layer) => layer.apply(y), pool ? maxPool(x, pool) : x);
      }),
  };
}

/** Adds the shapes of a convolution and its bias; returns its width as the weights have it. */
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

export function trunkConv(
  resources: Resources,
  weights: Weights,
  { name, stride, padding }: TrunkConv,
): FrozenConv {
  const bias = weightOf(weights, `${name}.bias`).data;
  return resources.use(
    new FrozenConv(weightOf(weights, `${name}.weight`), { stride, padding, bias, relu: true }),
  );
}
