import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { type PointwiseInput, pointwise } from './pointwise';

/** x · scale + shift, for x `[..., C]`; scale and shift are constant, numbers or `[C]`. Differentiable in x. */
export function affine<T extends tf.Tensor>(
  x: T,
  scale: number | tf.Tensor1D,
  shift: number | tf.Tensor1D,
): T {
  const channels = x.shape.at(-1)!;
  const pixels = (image: tf.Tensor) => tf.reshape(image, [1, -1, channels]) as tf.Tensor3D;
  const perChannel = (value: number | tf.Tensor1D): PointwiseInput =>
    typeof value === 'number' ? value : tf.reshape(value, [1, 1, channels]);
  const like = (result: tf.Tensor) => tf.reshape(result, x.shape) as T;
  return customOp<T>([x], () => ({
    value: like(
      pointwise(
        'affine',
        { x: pixels(x), factor: perChannel(scale), shift: perChannel(shift) },
        (math, at) => [math.add(math.mul(at.x, at.factor), at.shift)],
      ),
    ),
    backward: (dy, _, takeAccumulated) => {
      // Made here, since a tensor of the forward pass may be gone by now.
      const factor = perChannel(scale);
      const addend = takeAccumulated(0);
      if (!addend)
        return like(
          pointwise('affineGradient', { dy: pixels(dy), factor }, (math, at) => [math.mul(at.dy, at.factor)]),
        );
      return like(
        pointwise('affineGradientAdd', { dy: pixels(dy), factor, addend: pixels(addend) }, (math, at) => [
          math.add(math.mul(at.dy, at.factor), at.addend),
        ]),
      );
    },
  }));
}
