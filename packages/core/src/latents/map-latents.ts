import { invalidOption, isTensor } from '@faceanim/tensor/errors';
import * as tf from '@tensorflow/tfjs-core';
import type { Generator, MappingOptions } from '../contracts/generator';
import { generatorCheck } from '../options';

/**
 * Maps z `[count * zDim]`, e.g. normal random numbers for random faces, to latents in W+ `[count, numWs, wDim]`. A conditional
 * generator gets zeros as its condition. The caller owns the result.
 *
 * @example
 * const { numWs, wDim } = generator;
 * const data = await read(mapLatents(generator, z)); // of @faceanim/tensor; here, z is that of one face
 * for await (const image of render([{ numWs, wDim, data }], generator)) await writeImage('face.png', image);
 * @throws {FaceanimError} `invalid-option` for anything but a generator, and numbers for one face or more.
 * @category Latents and pictures
 */
export function mapLatents(
  generator: Generator,
  z: Float32Array,
  options: Omit<MappingOptions, 'c'> = {},
): tf.Tensor3D {
  generatorCheck(generator, 'The generator of mapLatents');
  const { zDim, cDim } = generator;
  if (!(z instanceof Float32Array) || z.length === 0 || z.length % zDim !== 0) {
    const meant = isTensor(z) ? 'await z.data()' : undefined;
    throw invalidOption('z', z, `a Float32Array with ${zDim} numbers for each face`, meant);
  }
  const count = z.length / zDim;
  return tf.tidy(() => {
    const c = cDim > 0 ? tf.zeros<tf.Rank.R2>([count, cDim]) : undefined;
    return generator.mapping(tf.tensor2d(z, [count, zDim]), { ...options, c });
  });
}
