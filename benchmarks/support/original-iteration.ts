import { landmarkGroups, standardLandmarkInput } from '@faceanim/core/landmarks';
import { type FrameContext, heatmaps, type StepContext } from '@faceanim/core/losses';
import {
  adamMoment,
  adamStep,
  fitTo,
  type ImageTensor,
  type StepFunction,
  valueAndGradients,
} from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { hashTensor } from './hash-weights';
import type { Part } from './measure-parts';
import type { OriginalNetworks } from './original-networks';

/** One iteration of the original program, to be repeated. Owns its tensors. */
export interface OriginalIteration extends Disposable {
  /**
   * Loss and gradient at `ws`, then Adam. Inputs, which are outputs as well: `ws`, `m`, `v` `[batch, numWs, wDim]`, and
   * `decay1`, `decay2` `[]`, the powers of Adam's betas so far. Output only: `loss` `[]`, before the update.
   */
  readonly step: StepFunction;
  /** The inputs of the first iteration. */
  readonly inputs: tf.NamedTensorMap;
  /** The networks that the loss is made of. */
  readonly parts: readonly Part[];
}

const beta1 = 0.9;
const beta2 = 0.999;
const learningRate = 0.01;
/** The original program's weight of the heat-map term. */
const heatWeight = 0.1;

/** Options of {@link originalIteration}. */
export interface IterationOptions {
  /** Latents that are optimised together; the heat-map term takes the root over all of them. Default 1. */
  readonly batch?: number;
  /** Side in pixels at which the generator stops. Default: its own resolution. */
  readonly resolution?: number;
}

/** StyleGAN2 → shrunk by area to 256 px → LPIPS and heat maps against those of another latent → gradient in W+ → Adam. */
export function originalIteration(
  networks: OriginalNetworks,
  { batch = 1, resolution }: IterationOptions = {},
): OriginalIteration {
  const { generator, landmarkNet, perceptual } = networks;
  const heatTerm = heatmaps({ net: landmarkNet, form: 'original', groups: everyGroup() });
  const latent = (name: string) => {
    const one = hashTensor(name, [1, generator.numWs, generator.wDim], { deviation: 1 });
    return tf.tile(tf.tensor3d(one.data, [1, generator.numWs, generator.wDim]), [batch, 1, 1]);
  };
  const draw = (ws: tf.Tensor3D) => generator.synthesis(ws, { resolution });
  const seen = (ws: tf.Tensor3D) => fitTo(draw(ws), landmarkNet.inputSize);
  const drawn = (image: ImageTensor<'signed'>) =>
    landmarkNet.heatmaps(standardLandmarkInput(image, landmarkNet, 'result'));

  const goal = tf.tidy(() => {
    const image = seen(latent('wtgt'));
    return {
      features: perceptual.features(image),
      heat: heatTerm.prepare!(sharing(drawn(image)) as FrameContext),
    };
  });
  const distance = (image: ImageTensor<'signed'>) =>
    tf.sum(
      perceptual.distanceTo?.(image, goal.features) ??
        perceptual.distance(perceptual.features(image), goal.features),
    );
  const loss = (ws: tf.Tensor3D) => {
    const image = seen(ws);
    const heat = drawn(image);
    const heatDistance = heatTerm.value(sharing(heat) as StepContext, goal.heat);
    return tf.add<tf.Scalar>(distance(image), tf.mul(heatDistance, heatWeight));
  };

  const ws = tf.tidy(() => latent('winit'));
  const inputs = {
    ws,
    m: tf.zerosLike(ws),
    v: tf.zerosLike(ws),
    decay1: tf.scalar(1),
    decay2: tf.scalar(1),
  };
  const image = tf.tidy(() => seen(ws));
  const unit = tf.tidy(() => standardLandmarkInput(image, landmarkNet, 'result'));
  return {
    inputs,
    step: (values) => {
      const { value, gradients } = valueAndGradients((ws) => loss(ws as tf.Tensor3D), [values.ws!]);
      return { ...countedAdam(values as AdamInputs, gradients[0]!), loss: value };
    },
    parts: [
      { name: 'generator', input: ws, run: (ws) => draw(ws as tf.Tensor as tf.Tensor3D) },
      { name: 'FAN', input: unit, run: (image) => landmarkNet.heatmaps(image as ImageTensor<'unit'>) },
      { name: 'LPIPS', input: image, run: (image) => distance(image as ImageTensor<'signed'>) },
    ],
    [Symbol.dispose]: () => tf.dispose([goal, inputs, image, unit]),
  };
}

type AdamInputs = Readonly<Record<'ws' | 'm' | 'v' | 'decay1' | 'decay2', tf.Tensor>>;

/** Adam with its step count in tensors, so that a recorded step advances it. */
function countedAdam(inputs: AdamInputs, gradient: tf.Tensor): Record<string, tf.Tensor> {
  const decay1 = tf.mul(inputs.decay1, beta1);
  const decay2 = tf.mul(inputs.decay2, beta2);
  const rates = { size: tf.div(learningRate, tf.sub(1, decay1)), root: tf.rsqrt(tf.sub(1, decay2)) };
  const m = adamMoment(inputs.m, gradient, beta1, false);
  const v = adamMoment(inputs.v, gradient, beta2, true);
  return { ws: adamStep(inputs.ws, { m, v, ...rates, epsilon: 1e-8 }), m, v, decay1, decay2 };
}

/** A context that hands given heat maps to the loss term. */
const sharing = (heat: tf.Tensor4D) => ({ memo: () => heat }) as unknown;

/** Weighs all landmarks alike. */
function everyGroup(): Record<keyof typeof landmarkGroups, number> {
  const names = Object.keys(landmarkGroups) as (keyof typeof landmarkGroups)[];
  return Object.fromEntries(names.map((name) => [name, 1])) as Record<keyof typeof landmarkGroups, number>;
}
