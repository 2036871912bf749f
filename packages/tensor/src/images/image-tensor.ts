import type { Tensor4D } from '@tensorflow/tfjs-core';

/** Value ranges of images: `byte` 0..255, `unit` 0..1, `signed` -1..1. */
export type Range = 'byte' | 'unit' | 'signed';

declare const range: unique symbol;

/**
 * A batch of RGB images `[N, height, width, 3]` (NHWC) whose value range is part of the type.
 * Make one with {@link asImageTensor}, change the range with {@link toUnit} and {@link toSigned}.
 */
export type ImageTensor<R extends Range> = Tensor4D & { readonly [range]: R };
