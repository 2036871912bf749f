import { type FrozenConvAttributes, frozenConvName } from '@faceanim/core';
import * as tf from '@tensorflow/tfjs-core';
import { affine } from './affine';
import { scaleChannels, takeChannels } from './channels';
import { type NativeBackend, type NativeKernel, nativeOp, type OpAttributes } from './native';

/** `FrozenConv` by TensorFlow's convolution and its gradient, which need no filters turned beforehand. */
export const frozenConv: Readonly<Record<string, NativeKernel>> = {
  [frozenConvName]: (backend, inputs, attributes) => {
    const options = attributes as unknown as FrozenConvAttributes;
    const { filter, bias, scale, shift, at, rest } = inputs;
    const { transposed, relu, restStart = 0 } = options;
    const x = input(backend, inputs, options);
    let y = transposed
      ? transpose(backend, x, filter as tf.Tensor4D, options)
      : convolve(backend, x, filter!, options);
    if (bias) y = nativeOp(backend, 'BiasAdd', [y, bias], { text: { data_format: 'NHWC' } });
    if (relu) y = tf.relu(y);
    if (at) y = tf.mul(nativeOp(backend, 'ReluGrad', [y, affine(backend, at, scale!, shift!)]), scale!);
    return rest ? tf.add(y, channelsOf(rest, restStart, y.shape[3])) : y;
  },
};

/** What is convolved: some channels of x, modulated, activated or gated. */
function input(
  backend: NativeBackend,
  { x, filter, scale, shift, gate, style, at }: tf.NamedTensorMap,
  { transposed, start = 0 }: FrozenConvAttributes,
): tf.Tensor4D {
  const meant = channelsOf(x!, start, filter!.shape[transposed ? 3 : 2]!);
  if (gate) return nativeOp(backend, 'ReluGrad', [meant, gate]);
  if (style) return scaleChannels(meant, style) as tf.Tensor4D;
  return scale && !at ? tf.relu(affine(backend, meant, scale, shift!)) : (meant as tf.Tensor4D);
}

function channelsOf(x: tf.Tensor, start: number, width: number): tf.Tensor {
  return x.shape[3] === width ? x : takeChannels(x, start, width);
}

function convolve(
  backend: NativeBackend,
  x: tf.Tensor4D,
  filter: tf.Tensor,
  options: FrozenConvAttributes,
): tf.Tensor4D {
  return nativeOp(backend, 'Conv2D', [x, filter], convAttributes(filter, options));
}

function transpose(
  backend: NativeBackend,
  y: tf.Tensor4D,
  filter: tf.Tensor4D,
  options: FrozenConvAttributes,
): tf.Tensor4D {
  const { height, width, padding } = options;
  const attributes = convAttributes(filter, options);
  const [n, channels] = [y.shape[0], filter.shape[2]];
  const run = (rows: number, columns: number, attributes: OpAttributes) => {
    const shape = tf.tensor1d([n, rows, columns, channels], 'int32');
    return nativeOp<tf.Tensor4D>(backend, 'Conv2DBackpropInput', [shape, filter, y], attributes);
  };
  if (attributes.text?.padding !== 'EXPLICIT') return run(height, width, attributes);
  // Its explicit padding is four times slower than to compute what is padded, and to cut that off.
  const [top, bottom, left, right] = padding;
  const unpadded = convAttributes(filter, { ...options, padding: [0, 0, 0, 0] });
  const whole = run(height + top + bottom, width + left + right, unpadded);
  return tf.slice(whole, [0, top, left, 0], [n, height, width, channels]);
}

function convAttributes(filter: tf.Tensor, { stride, padding }: FrozenConvAttributes): OpAttributes {
  const [top, bottom, left, right] = padding;
  const [rows, columns] = filter.shape as [number, number];
  const isSame =
    stride === 1 && 2 * top === rows - 1 && top === bottom && 2 * left === columns - 1 && left === right;
  const isValid = padding.every((zeros) => zeros === 0);
  return {
    text: { data_format: 'NHWC', padding: isValid ? 'VALID' : isSame ? 'SAME' : 'EXPLICIT' },
    integers: {
      strides: [1, stride, stride, 1],
      dilations: [1, 1, 1, 1],
      ...(!isValid && !isSame && { explicit_paddings: [0, 0, top, bottom, left, right, 0, 0] }),
    },
  };
}
