import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../../autodiff/custom-op';
import { TensorBag } from '../../memory/tensor-bag';
import type { HostTensor } from '../../serialization/host-tensor';
import { channelDots } from '../channel-sums';
import { fusedKernel, hasFusedKernel } from '../fused-kernel';
import { reluGradient } from '../relu';
import { multiplyChannels } from '../scale-channels';
import {
  type FrozenConvAttributes,
  type FrozenConvInputs,
  type FusedConvInputs,
  frozenConvName,
  type PackedConvInputs,
  type PackFilterAttributes,
  packFilterName,
} from './frozen-conv-kernel';
import { convolvePhases, type RowPhase, rowPhases } from './sub-pixel';

/** Options of {@link FrozenConv}. */
export interface FrozenConvOptions {
  /** Step of the window in both directions. Default 1. */
  stride?: number;
  /** Zeros added on every side, or [top, bottom, left, right]. Default 0. */
  padding?: number | readonly [number, number, number, number];
  /** One value per output channel, added by {@link FrozenConv.apply}. */
  bias?: Float32Array;
  /** Whether {@link FrozenConv.apply} ends with a ReLU. Default false. */
  relu?: boolean;
}

/**
 * A convolution with constant weights, and its transpose. Each is the gradient of the other.
 *
 * tfjs' own gradient of conv2d is a naive loop on some backends, ten times slower than conv2d itself. Here both
 * directions are ordinary conv2d calls on filters that are prepared once, and no zeros are inserted for the stride. A
 * backend with its own kernel (`faceanim/FrozenConv`) reads the filter itself, or packs a copy for each direction.
 *
 * Activations are NHWC. Gradients flow to activations only.
 */
export class FrozenConv implements Disposable {
  readonly outChannels: number;
  readonly inChannels: number;
  readonly #stride: number;
  readonly #padding: readonly [number, number, number, number];
  readonly #relu: boolean;
  readonly #filter: tf.Tensor4D;
  readonly #bias: tf.Tensor1D | undefined;
  readonly #tensors: TensorBag;
  /** The filter as the kernel of each backend reads it, for the convolution and for its transpose. */
  readonly #packed = new Map<string, readonly [tf.Tensor, tf.Tensor]>();
  #phases: readonly RowPhase[] | undefined;

  /** @param weight filters `[outChannels, inChannels, height, width]` (OIHW, as PyTorch stores them) */
  constructor(weight: HostTensor, { stride = 1, padding = 0, bias, relu = false }: FrozenConvOptions = {}) {
    const [outChannels, inChannels] = weight.shape as [number, number, number, number];
    this.outChannels = outChannels;
    this.inChannels = inChannels;
    this.#stride = stride;
    this.#padding = typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
    this.#relu = relu;
    const filter = toHwio(weight);
    [this.#filter, this.#bias, this.#tensors] = TensorBag.build((bag) => {
      const made = bag.constant<tf.Rank.R4>(filter.data, filter.shape as [number, number, number, number]);
      return [made, bias && bag.constant<tf.Rank.R1>(bias, [bias.length]), bag] as const;
    });
    try {
      // Made now, since a run must leave no new tensor behind.
      if (hasFusedKernel(packFilterName)) this.#packedFilters();
      if (!hasFusedKernel(frozenConvName)) this.#phases = this.#phasesOf(filter);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** The convolution of x `[N, H, W, inChannels]`, with bias and ReLU if they were given. Differentiable. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    const [, height, width] = x.shape;
    return customOp([x], () => {
      const value = this.#convolve(x, { bias: this.#bias, relu: this.#relu });
      return {
        value,
        saved: this.#relu ? [value] : [],
        backward: (dy, [value]) => {
          if (!value) return this.backward(dy, height, width);
          return this.canFuse
            ? this.fusedBackward(dy, { gate: value }, { height, width })
            : this.backward(reluGradient(dy, value), height, width);
        },
      };
    });
  }

  /**
   * The transposed convolution of y `[N, h, w, outChannels]`, without bias or ReLU, to `[N, height, width, inChannels]`.
   * Differentiable. Rows and columns that no tap reaches are 0.
   *
   * @param height a height that the convolution turns into h
   * @param width a width that the convolution turns into w
   */
  applyTransposed(y: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
    return customOp([y], () => ({
      value: this.#transpose(y, { height, width, gradient: false }),
      backward: (dx) => this.#convolve(dx, { gradient: true }),
    }));
  }

  /**
   * {@link apply}, without ReLU, to x with its channels multiplied by style `[N, inChannels]`. Differentiable in both.
   */
  applyModulated(x: tf.Tensor4D, style: tf.Tensor2D): tf.Tensor4D {
    const [, height, width] = x.shape;
    return modulated(x, style, {
      forward: () => this.#convolve(x, { bias: this.#bias, style }),
      backward: (dy) => this.backward(dy, height, width),
    });
  }

  /** {@link applyTransposed} to y with its channels multiplied by style `[N, outChannels]`. Differentiable in both. */
  applyTransposedModulated(y: tf.Tensor4D, style: tf.Tensor2D, height: number, width: number): tf.Tensor4D {
    return modulated(y, style, {
      forward: () => this.#transpose(y, { height, width, gradient: false, style }),
      backward: (dx) => this.#convolve(dx, { gradient: true }),
    });
  }

  /**
   * The backward pass of {@link apply} without its ReLU, for use inside custom gradients. Not differentiable.
   *
   * @param dy upstream gradient, `[N, h, w, outChannels]`
   * @param height of x
   * @param width of x
   * @returns gradient in x, `[N, height, width, inChannels]`
   */
  backward(dy: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
    return this.#transpose(dy, { height, width, gradient: true });
  }

  /** Whether {@link fusedApply} and {@link fusedBackward} may be called on the active backend. */
  get canFuse(): boolean {
    const inFours = this.inChannels % 4 === 0 && this.outChannels % 4 === 0;
    return inFours && hasFusedKernel(frozenConvName);
  }

  /** {@link apply} by the backend's kernel, fused with other operations. Not differentiable. */
  fusedApply(x: tf.Tensor4D, fused: FusedConvInputs): tf.Tensor4D {
    const attributes = this.#attributes({
      ...this.#sizeOf(x),
      ...{ transposed: false, gradient: false, relu: this.#relu },
    });
    const inputs = this.#inputs(false, { x, ...(this.#bias && { bias: this.#bias }), ...fused });
    return tf.engine().runKernel(frozenConvName, inputs, attributes) as tf.Tensor4D;
  }

  /** {@link backward} by the backend's kernel, fused with other operations. Not differentiable. */
  fusedBackward(
    dy: tf.Tensor4D,
    fused: FusedConvInputs,
    place: Pick<FrozenConvAttributes, 'height' | 'width' | 'start' | 'addendStart'>,
  ): tf.Tensor4D {
    const attributes = this.#attributes({ ...place, transposed: true, gradient: true, relu: false });
    const inputs = this.#inputs(true, { x: dy, ...fused });
    return tf.engine().runKernel(frozenConvName, inputs, attributes) as tf.Tensor4D;
  }

  /** Frees the weights. */
  [Symbol.dispose](): void {
    this.#tensors[Symbol.dispose]();
  }

  #convolve(
    x: tf.Tensor4D,
    {
      bias,
      relu = false,
      gradient = false,
      style,
    }: { bias?: tf.Tensor1D; relu?: boolean; gradient?: boolean; style?: tf.Tensor2D },
  ): tf.Tensor4D {
    if (style && !readsStyle(x)) return this.#convolve(multiplyChannels(x, style), { bias, relu, gradient });
    const [top, bottom, left, right] = this.#padding;
    const inputs = this.#inputs(false, { x, ...(bias && { bias }), ...(style && { style }) });
    const attributes = this.#attributes({ ...this.#sizeOf(x), transposed: false, gradient, relu });
    return fusedKernel(frozenConvName, inputs, attributes, () => {
      const strides: [number, number] = [this.#stride, this.#stride];
      const pad: tf.backend_util.ExplicitPadding = [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ];
      if (!bias && !relu) return tf.conv2d(x, this.#filter, strides, pad);
      // tf.fused.conv2d would not fuse the ReLU while gradients are recorded, so its kernel is called directly.
      const attributes = { strides, pad, dataFormat: 'NHWC', dilations: [1, 1] };
      const activation = relu ? 'relu' : 'linear';
      return tf.engine().runKernel(tf.FusedConv2D, inputs, { ...attributes, activation }) as tf.Tensor4D;
    });
  }

  #transpose(
    y: tf.Tensor4D,
    size: { height: number; width: number; gradient: boolean; style?: tf.Tensor2D },
  ): tf.Tensor4D {
    const { height, width, gradient, style } = size;
    if (style && !readsStyle(y))
      return this.#transpose(multiplyChannels(y, style), { height, width, gradient });
    const inputs = this.#inputs(true, { x: y, ...(style && { style }) });
    const attributes = this.#attributes({ height, width, transposed: true, gradient, relu: false });
    return fusedKernel(frozenConvName, inputs, attributes, () => {
      // Missing only if the fused kernel was registered when this was constructed.
      const { shape } = this.#filter;
      const phases = (this.#phases ??= this.#phasesOf({ shape, data: this.#filter.dataSync<'float32'>() }));
      return tf.tidy(() => convolvePhases(y, phases, this.#stride, height, width));
    });
  }

  /** Size of the result for x. */
  #sizeOf(x: tf.Tensor4D): { height: number; width: number } {
    const [top, bottom, left, right] = this.#padding;
    const [kernelHeight, kernelWidth] = this.#filter.shape;
    return {
      height: Math.floor((x.shape[1] + top + bottom - kernelHeight) / this.#stride) + 1,
      width: Math.floor((x.shape[2] + left + right - kernelWidth) / this.#stride) + 1,
    };
  }

  #attributes(own: Omit<FrozenConvAttributes, 'stride' | 'padding'>): tf.NamedAttrMap {
    const attributes: FrozenConvAttributes = { stride: this.#stride, padding: this.#padding, ...own };
    return { ...attributes, padding: [...attributes.padding] };
  }

  /** Inputs of the kernel, typed for tfjs. */
  #inputs(transposed: boolean, more: Omit<FrozenConvInputs, 'filter'>): tf.NamedTensorMap {
    const packed = hasFusedKernel(packFilterName) && this.#packedFilters()[Number(transposed)];
    const inputs: FrozenConvInputs | PackedConvInputs = {
      filter: this.#filter,
      ...(packed && { packed }),
      ...more,
    };
    return { ...inputs } as unknown as tf.NamedTensorMap;
  }

  /** Made now if this was constructed on another backend, or on this one before its kernel was registered. */
  #packedFilters(): readonly [tf.Tensor, tf.Tensor] {
    const backend = tf.getBackend();
    let packed = this.#packed.get(backend);
    if (!packed) this.#packed.set(backend, (packed = [this.#pack(false), this.#pack(true)]));
    return packed;
  }

  #pack(transposed: boolean): tf.Tensor {
    const attributes: PackFilterAttributes = { stride: this.#stride, padding: this.#padding, transposed };
    const inputs = { filter: this.#filter };
    const packed = tf
      .engine()
      .runKernel(packFilterName, inputs, { ...attributes, padding: [...this.#padding] });
    return this.#tensors.keep(tf.keep(packed as tf.Tensor));
  }

  #phasesOf(filter: HostTensor): readonly RowPhase[] {
    const [top, , left] = this.#padding;
    return rowPhases(filter, this.#stride, top, left, this.#tensors);
  }
}

/** Whether the kernel multiplies x by the style as it reads it. */
function readsStyle(x: tf.Tensor4D): boolean {
  return x.shape[3] % 4 === 0 && hasFusedKernel(frozenConvName);
}

/** A linear map of x · style, differentiable in both. */
function modulated(
  x: tf.Tensor4D,
  style: tf.Tensor2D,
  { forward, backward }: { forward: () => tf.Tensor4D; backward: (dy: tf.Tensor4D) => tf.Tensor4D },
): tf.Tensor4D {
  return customOp([x, style], () => ({
    value: forward(),
    saved: [x, style],
    backward: (dy, saved, takeAccumulated) => {
      const [x, style] = saved as [tf.Tensor4D, tf.Tensor2D];
      const gradient = backward(dy);
      return [multiplyChannels(gradient, style, takeAccumulated(0)), channelDots(gradient, x)];
    },
  }));
}

/** From the layout of PyTorch, OIHW, to that of tfjs. */
function toHwio(weight: HostTensor): HostTensor {
  const [outChannels, inChannels, height, width] = weight.shape as [number, number, number, number];
  const cells = height * width;
  const data = new Float32Array(weight.data.length);
  for (let o = 0, from = 0; o < outChannels; o++) {
    for (let i = 0; i < inChannels; i++) {
      for (let cell = 0; cell < cells; cell++, from++) {
        data[(cell * inChannels + i) * outChannels + o] = weight.data[from]!;
      }
    }
  }
  return { shape: [height, width, inChannels, outChannels], data };
}
