import * as tf from '@tensorflow/tfjs-core';
import type { Generator, MappingOptions } from '../contracts/generator';

/**
 * Maps z `[count * zDim]`, e.g. normal random numbers for random faces, to latents in W+ `[count, numWs, wDim]`. A conditional
 * generator gets zeros as its condition. The caller owns the result.
 *
 * @example
 * const { numWs, wDim } = generator;
 * const data = await read(mapLatents(generator, z)); // of @faceanim/tensor; here, z is that of one face
 * for await (const image of render([{ numWs, wDim, data }], generator)) await writeImage('face.png', image);
 * @category Latents and pictures
 */
export function mapLatents(
  generator: Generator,
  z: Float32Array,
  options: Omit<MappingOptions, 'c'> = {},
): tf.Tensor3D {
  const { zDim, cDim } = generator;
  const count = z.length / zDim;
  return tf.tidy(() => {
    const c = cDim > 0 ? tf.zeros<tf.Rank.R2>([count, cDim]) : undefined;
    return generator.mapping(tf.tensor2d(z, [count, zDim]), { ...options, c });
  });
}
