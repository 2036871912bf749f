import type * as tf from '@tensorflow/tfjs-core';
import { sliceChannels } from '../concat-channels';
import { affineRelu, affineReluGradient } from '../relu';
import type { FrozenConv } from './frozen-conv';

/** Options of {@link PreactivatedConv.backward}. */
export interface BackwardOptions {
  /** First channel of dy that belongs to this convolution. Default 0. */
  readonly start?: number;
  /** Image whose channels from `addendStart` on are added to the gradient, e.g. that of a skip connection. */
  readonly addend?: tf.Tensor4D;
  /** Default 0. */
  readonly addendStart?: number;
}

/**
 * A convolution of relu(x · scale + shift) with an explicit forward and backward pass, for residual blocks with
 * pre-activation (He et al. 2016, arXiv 1603.05027), where x has other uses and the ReLU cannot be folded into the layer
 * before.
 *
 * Activations are NHWC; scale and shift are `[C]`. The caller owns all of them, and the convolution.
 */
export class PreactivatedConv {
  constructor(
    private readonly conv: FrozenConv,
    private readonly scale: tf.Tensor1D,
    private readonly shift: tf.Tensor1D,
  ) {}

  /** Channels of the result. */
  get outChannels(): number {
    return this.conv.outChannels;
  }

  /** The result, and the tensor that {@link backward} needs. Not differentiable. */
  forward(x: tf.Tensor4D): { value: tf.Tensor4D; kept: tf.Tensor4D } {
    const { conv, scale, shift } = this;
    if (conv.canFuse) return { value: conv.fusedApply(x, { scale, shift }), kept: x };
    const active = affineRelu(x, scale, shift);
    return { value: conv.apply(active), kept: active };
  }

  /**
   * The gradient in x.
   *
   * @param dy upstream gradient, or an image that holds it among its channels
   * @param kept from {@link forward}
   */
  backward(
    dy: tf.Tensor4D,
    kept: tf.Tensor4D,
    { start = 0, addend, addendStart = 0 }: BackwardOptions = {},
  ): tf.Tensor4D {
    const { conv, scale, shift } = this;
    const [, height, width] = kept.shape;
    if (conv.canFuse && addendStart % 4 === 0 && (addend?.shape[3] ?? 0) % 4 === 0) {
      const fused = { scale, shift, at: kept, ...(addend && { addend }) };
      return conv.fusedBackward(dy, fused, { height, width, start, addendStart });
    }
    const own = dy.shape[3] === conv.outChannels ? dy : sliceChannels(dy, start, conv.outChannels);
    const added = addend && { image: addend, start: addendStart };
    const active = conv.canFuse ? affineRelu(kept, scale, shift) : kept;
    return affineReluGradient(conv.backward(own, height, width), active, scale, added);
  }
}
