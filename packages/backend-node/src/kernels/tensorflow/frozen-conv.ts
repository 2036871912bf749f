import {
  type FrozenConvAttributes,
  type FrozenConvInputs,
  frozenConvName,
  nothingElse,
} from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';
import { affine } from './affine';
import { scaleChannels, takeChannels } from './channels';
import { addBias, type NativeBackend, type NativeKernel, nativeOp, type OpAttributes } from './native';

/** `FrozenConv` by TensorFlow's convolution and its gradient, which need no prepared filters. */
export const frozenConv: Readonly<Record<string, NativeKernel>> = {
  [frozenConvName]: (backend, inputs, attributes) =>
    run(backend, inputs as unknown as FrozenConvInputs, attributes as unknown as FrozenConvAttributes),
};

/** What TensorFlow's convolution and its transpose depend on. */
type Place = Pick<FrozenConvAttributes, 'stride' | 'padding' | 'height' | 'width'>;

function run(
  backend: NativeBackend,
  { x, filter, bias, scale, shift, at, gate, style, addend, ...unknownInputs }: FrozenConvInputs,
  attributes: FrozenConvAttributes,
): tf.Tensor {
  const { transposed, relu, start = 0, addendStart = 0, ...more } = attributes;
  // TensorFlow computes gradients in the same precision as everything else.
  const { stride, padding, height, width, gradient: _, ...unknownAttributes } = more;
  nothingElse({ ...unknownInputs, ...unknownAttributes });
  const place: Place = { stride, padding, height, width };
  let z = channelsOf(x, start, filter.shape[transposed ? 3 : 2]!) as tf.Tensor4D;
  if (gate) z = nativeOp(backend, 'ReluGrad', [z, gate]);
  if (style) z = scaleChannels(backend, z, style) as tf.Tensor4D;
  if (scale && !at) z = tf.relu(affine(backend, z, scale, shift!));
  let y: tf.Tensor = transposed
    ? transpose(backend, z, filter as tf.Tensor4D, place)
    : convolve(backend, z, filter, place);
  if (bias) y = addBias(backend, y, bias);
  if (relu) y = tf.relu(y);
  if (at) y = tf.mul(nativeOp(backend, 'ReluGrad', [y, affine(backend, at, scale!, shift!)]), scale!);
  return addend ? tf.add(y, channelsOf(addend, addendStart, y.shape[3]!)) : y;
}

function channelsOf(x: tf.Tensor, start: number, width: number): tf.Tensor {
  return x.shape[3] === width ? x : takeChannels(x, start, width);
}

function convolve(backend: NativeBackend, x: tf.Tensor4D, filter: tf.Tensor, options: Place): tf.Tensor4D {
  return nativeOp(backend, 'Conv2D', [x, filter], convAttributes(filter, options));
}

function transpose(backend: NativeBackend, y: tf.Tensor4D, filter: tf.Tensor4D, options: Place): tf.Tensor4D {
  const { stride, height, width, padding } = options;
  const attributes = convAttributes(filter, options);
  const [n, rows, columns] = y.shape;
  const [filterRows, filterColumns, channels] = filter.shape;
  const run = (rows: number, columns: number, attributes: OpAttributes) => {
    const shape = tf.tensor1d([n, rows, columns, channels], 'int32');
    return nativeOp<tf.Tensor4D>(backend, 'Conv2DBackpropInput', [shape, filter, y], attributes);
  };
  if (attributes.text?.padding === 'SAME') return run(height, width, attributes);
  // Explicit padding is four times slower than computing the padded result and cutting off the padding, and rows that no
  // tap reaches make it eight times slower, so those are added afterwards.
  const unpadded = convAttributes(filter, { ...options, padding: [0, 0, 0, 0] });
  const reached = [(rows - 1) * stride + filterRows, (columns - 1) * stride + filterColumns] as const;
  const whole = run(...reached, unpadded);
  const [top, , left] = padding;
  const kept = [Math.min(height, reached[0] - top), Math.min(width, reached[1] - left)] as const;
  const part = tf.slice(whole, [0, top, left, 0], [n, ...kept, channels]);
  if (kept[0] === height && kept[1] === width) return part;
  return tf.pad(part, [
    [0, 0],
    [0, height - kept[0]],
    [0, width - kept[1]],
    [0, 0],
  ]);
}

function convAttributes(filter: tf.Tensor, { stride, padding }: Place): OpAttributes {
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
