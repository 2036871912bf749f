import type * as tf from '@tensorflow/tfjs-core';
import { sliceChannels } from './concat-channels';
import type { FrozenConv } from './frozen-conv';
import { affineRelu, affineReluGradient } from './pointwise';

/** What {@link PreactivatedConv.backward} goes by, beside the gradient. */
export interface BackwardOptions {
  /** First of the channels of dy that belong to the convolution. Default 0. */
  readonly start?: number;
  /** Added to the result: its channels from `restStart` on. Default none. */
  readonly rest?: tf.Tensor4D;
  /** Default 0. */
  readonly restStart?: number;
}

/**
 * A convolution of relu(x · scale + shift), with its gradient as a function of its own: for residual blocks, whose
 * pre-activations (He et al. 2016, arXiv 1603.05027) are used elsewhere too, so that they fold into no neighbour.
 * Activations are NHWC, scale and shift `[C]`; all belong to the caller.
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

  /** The convolution, and what {@link backward} needs kept. Not differentiable. */
  forward(x: tf.Tensor4D): { value: tf.Tensor4D; kept: tf.Tensor4D } {
    const { conv, scale, shift } = this;
    if (conv.takesOver) return { value: conv.fusedApply(x, { scale, shift }), kept: x };
    const active = affineRelu(x, scale, shift);
    return { value: conv.apply(active), kept: active };
  }

  /**
   * What flows back.
   *
   * @param dy gradient of the result, or of an image that holds it among its channels
   * @param kept by {@link forward}
   */
  backward(
    dy: tf.Tensor4D,
    kept: tf.Tensor4D,
    { start = 0, rest, restStart = 0 }: BackwardOptions = {},
  ): tf.Tensor4D {
    const { conv, scale, shift } = this;
    const [, height, width] = kept.shape;
    if (conv.takesOver && restStart % 4 === 0 && (rest?.shape[3] ?? 0) % 4 === 0) {
      const more = { scale, shift, at: kept, ...(rest && { rest }) };
      return conv.fusedBackward(dy, more, { height, width, start, restStart });
    }
    const whole = dy.shape[3] === conv.outChannels;
    const own = whole ? dy : sliceChannels(dy, start, conv.outChannels);
    const added = rest && { image: rest, start: restStart };
    const active = conv.takesOver ? affineRelu(kept, scale, shift) : kept;
    return affineReluGradient(conv.backward(own, height, width), active, scale, added);
  }
}
