import type * as tf from '@tensorflow/tfjs-core';
import { mapPixels, wasmKernel } from './kernel';
import type { Loop } from './loop';
import { sumPixels } from './sums';
import {
  add,
  greatest,
  least,
  magnitude,
  multiply,
  once,
  subtract,
  type Value,
  whereAbove,
  zero,
} from './values';

/** Attributes of a leaky ReLU. */
interface Activation {
  readonly alpha: number;
  readonly clamp: number;
}

const activation = { alpha: 'number', clamp: 'number' } as const;
type ActivationValues = Readonly<Record<keyof Activation, Value>>;

function activate(x: Value, { alpha, clamp }: ActivationValues): Value {
  const leaky = once(x, (v) => whereAbove(v, zero, v, multiply(v, alpha)));
  return greatest(least(leaky, clamp), subtract(zero, clamp));
}

/** dy times the derivative of a leaky ReLU with a clamp, from its result y. */
function throughActivation(dy: Value, y: Value, { alpha, clamp }: ActivationValues): Value {
  const leaky = once(dy, (d) => whereAbove(y, zero, d, multiply(d, alpha)));
  return whereAbove(clamp, magnitude(y), leaky, zero);
}

const reluGradient: Loop<'dy' | 'y'> = {
  operands: { dy: 'image', y: 'image' },
  value: ({ dy, y }) => whereAbove(y, zero, dy, zero),
};
const affineRelu: Loop<'x' | 'scale' | 'shift'> = {
  operands: { x: 'image', scale: 'channels', shift: 'channels' },
  value: ({ x, scale, shift }) => greatest(add(multiply(x, scale), shift), zero),
};
const affineReluGradient: Loop<'dy' | 'y' | 'scale'> = {
  operands: { dy: 'image', y: 'image', scale: 'channels' },
  value: ({ dy, y, scale }) => whereAbove(y, zero, multiply(dy, scale), zero),
};
const affineReluGradientAdd: Loop<'dy' | 'y' | 'scale' | 'addend'> = {
  operands: { ...affineReluGradient.operands, addend: 'image' },
  value: ({ addend, ...own }) => add(affineReluGradient.value(own), addend),
};
const leakyRelu: Loop<'x' | keyof Activation> = {
  operands: { x: 'image', ...activation },
  value: ({ x, ...options }) => activate(x, options),
};
const leakyReluGradient: Loop<'dy' | 'y' | keyof Activation> = {
  operands: { dy: 'image', y: 'image', ...activation },
  value: ({ dy, y, ...options }) => throughActivation(dy, y, options),
};
const biasedActivation: Loop<'x' | 'scale' | 'bias' | keyof Activation> = {
  operands: { x: 'image', scale: 'channels', bias: 'channels', ...activation },
  value: ({ x, scale, bias, ...options }) => activate(add(multiply(x, scale), bias), options),
};
const noisyActivation: Loop<'x' | 'scale' | 'bias' | 'noise' | 'strength' | keyof Activation> = {
  operands: { ...biasedActivation.operands, noise: 'pixels', strength: 'number' },
  value: ({ x, scale, bias, noise, strength, ...options }) =>
    activate(add(add(multiply(x, scale), bias), multiply(noise, strength)), options),
};
const noisyActivationGradient: Loop<'dy' | 'y' | 'scale' | keyof Activation> = {
  operands: { dy: 'image', y: 'image', scale: 'channels', ...activation },
  value: ({ dy, y, scale, ...options }) => multiply(throughActivation(dy, y, options), scale),
};
const noisyActivationScaleGradient: Loop<'dy' | 'y' | 'x' | keyof Activation> = {
  operands: { dy: 'image', y: 'image', x: 'image', ...activation },
  value: ({ dy, y, x, ...options }) => multiply(throughActivation(dy, y, options), x),
  sums: 'pixels',
};

/** Activations and their gradients, in one pass each. */
export const activationKernels: readonly tf.KernelConfig[] = [
  wasmKernel<'dy' | 'y'>('faceanim/ReluGradient', (backend, inputs) =>
    mapPixels(backend, reluGradient, inputs.y.shape, inputs),
  ),
  wasmKernel<'x' | 'scale' | 'shift'>('faceanim/AffineRelu', (backend, inputs) =>
    mapPixels(backend, affineRelu, inputs.x.shape, inputs),
  ),
  wasmKernel<'dy' | 'y' | 'scale' | 'addend', { start: number }>(
    'faceanim/AffineReluGradient',
    (backend, { addend, ...inputs }, { start }) =>
      addend
        ? mapPixels(backend, affineReluGradientAdd, inputs.y.shape, {
            ...inputs,
            addend: { image: addend, start },
          })
        : mapPixels(backend, affineReluGradient, inputs.y.shape, inputs),
  ),
  wasmKernel<'x', Activation>('faceanim/LeakyRelu', (backend, inputs, options) =>
    mapPixels(backend, leakyRelu, inputs.x.shape, { ...inputs, ...options }),
  ),
  wasmKernel<'dy' | 'y', Activation>('faceanim/LeakyReluGradient', (backend, inputs, options) =>
    mapPixels(backend, leakyReluGradient, inputs.y.shape, { ...inputs, ...options }),
  ),
  wasmKernel<'x' | 'scale' | 'bias' | 'noise', Activation & { strength: number }>(
    'faceanim/NoisyActivation',
    (backend, { noise, ...inputs }, { strength, ...options }) =>
      noise
        ? mapPixels(backend, noisyActivation, inputs.x.shape, { ...inputs, ...options, noise, strength })
        : mapPixels(backend, biasedActivation, inputs.x.shape, { ...inputs, ...options }),
  ),
  wasmKernel<'dy' | 'y' | 'scale', Activation>(
    'faceanim/NoisyActivationGradient',
    (backend, inputs, options) =>
      mapPixels(backend, noisyActivationGradient, inputs.y.shape, { ...inputs, ...options }),
  ),
  wasmKernel<'dy' | 'y' | 'x', Activation>(
    'faceanim/NoisyActivationScaleGradient',
    (backend, inputs, options) =>
      sumPixels(backend, noisyActivationScaleGradient, inputs.x.shape, { ...inputs, ...options }),
  ),
];
