import type * as tf from '@tensorflow/tfjs-core';

/**
 * Name of the kernel that a backend may register for `FrozenConv`. It gets {@link FrozenConvInputs} and
 * {@link FrozenConvAttributes}.
 */
export const frozenConvName = 'faceanim/FrozenConv';

/**
 * Name of the kernel that a backend may register too, if it reads another form of the filters. It gets `filter` and
 * {@link PackFilterAttributes}, and returns one tensor; {@link frozenConvName} then gets {@link PackedConvInputs}.
 */
export const packFilterName = 'faceanim/PackFilter';

/** Attributes of the kernel {@link packFilterName}. */
export type PackFilterAttributes = Pick<FrozenConvAttributes, 'stride' | 'padding' | 'transposed'>;

/** Inputs of the kernel {@link frozenConvName}. */
export interface FrozenConvInputs<T extends tf.TensorInfo = tf.Tensor> extends FusedConvInputs<T> {
  /** `[N, H, W, C]` */
  readonly x: T;
  /** Filter of the convolution, HWIO, also if its transpose is computed. */
  readonly filter: T;
  /** `[C]`; not for the transpose. */
  readonly bias?: T;
}

/** Inputs of the kernel {@link frozenConvName} on backends that pack filters. */
export interface PackedConvInputs<T extends tf.TensorInfo = tf.Tensor> extends FrozenConvInputs<T> {
  /** What the kernel {@link packFilterName} has made of the filter. */
  readonly packed: T;
}

/** What the kernel fuses with the convolution. It must support these only if all channel counts are multiples of 4. */
export interface FusedConvInputs<T extends tf.TensorInfo = tf.Tensor> {
  /** `[C]`. Without `at`, x is replaced by relu(x · scale + shift); zero padding stays 0. */
  readonly scale?: T;
  readonly shift?: T;
  /** `[N, height, width, C]`. The result is multiplied by the derivative of relu(at · scale + shift). */
  readonly at?: T;
  /** `[N, H, W, C]`. x is replaced by 0 wherever this is not above 0. */
  readonly gate?: T;
  /** `[N, C]`. x is replaced by x · style. */
  readonly style?: T;
  /** `[N, height, width, ≥ C]`. Its channels from `addendStart` on are added to the result, last of all. */
  readonly addend?: T;
}

/** Attributes of the kernel {@link frozenConvName}. */
export interface FrozenConvAttributes {
  readonly stride: number;
  /** Zeros added at the [top, bottom, left, right] of the input of the convolution. */
  readonly padding: readonly [number, number, number, number];
  /** Size of the result. */
  readonly height: number;
  readonly width: number;
  /** Whether to compute the transpose of the convolution, from its output channels to its input channels. */
  readonly transposed: boolean;
  /** Whether x is a gradient, whose values may be tiny. */
  readonly gradient: boolean;
  /** Whether a ReLU follows. */
  readonly relu: boolean;
  /** First channel of x to read, if x has more than the filter takes. Default 0. */
  readonly start?: number;
  /** First channel of `addend` to add. Default 0. */
  readonly addendStart?: number;
}
