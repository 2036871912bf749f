import type { HostTensor } from '@faceanim/tensor';

/** A convolution of `size`² pixels. */
export interface ConvShape {
  readonly name: string;
  readonly size: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
}

const shape = (name: string, size: number, inputs: number, outputs: number, kernel: number): ConvShape => ({
  ...{ name, size, inputs, outputs, kernel },
});

/** Convolutions of the original program's networks and of the avatar pack's. */
export const convShapes: readonly ConvShape[] = [
  shape('StyleGAN2 b4', 4, 512, 512, 3),
  shape('StyleGAN2 b16', 16, 512, 512, 3),
  shape('StyleGAN2 b64', 64, 512, 512, 3),
  shape('StyleGAN2 b128', 128, 256, 256, 3),
  shape('StyleGAN2 b256', 256, 128, 128, 3),
  shape('StyleGAN2 b256 to RGB', 256, 128, 3, 1),
  shape('StyleGAN2 b1024', 1024, 32, 32, 3),
  shape('VGG16 1_1', 256, 3, 64, 3),
  shape('VGG16 1_2', 256, 64, 64, 3),
  shape('VGG16 2_2', 128, 128, 128, 3),
  shape('VGG16 3_3', 64, 256, 256, 3),
  shape('VGG16 5_3', 16, 512, 512, 3),
  shape('FAN 64, 256 to 128', 64, 256, 128, 3),
  shape('FAN 64, 64 to 64', 64, 64, 64, 3),
  shape('FAN 8, 256 to 128', 8, 256, 128, 3),
  shape('FAN 64, 1 x 1', 64, 256, 256, 1),
  shape('avatar FAN 64', 64, 64, 32, 3),
  shape('avatar FAN 16', 16, 64, 32, 3),
  shape('avatar FAN 4', 4, 64, 32, 3),
];

/** Filters `[out, in, kernel, kernel]` for a shape. */
export function convWeight({
  inputs,
  outputs,
  kernel,
}: Pick<ConvShape, 'inputs' | 'outputs' | 'kernel'>): HostTensor {
  return {
    shape: [outputs, inputs, kernel, kernel],
    data: Float32Array.from({ length: outputs * inputs * kernel ** 2 }, (_, i) => Math.sin(i)),
  };
}
