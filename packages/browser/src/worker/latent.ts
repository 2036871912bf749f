import { type Latent, mapLatents } from '@faceanim/core';
import { type Factors, factorsToZ } from '@faceanim/models';
import { randomState, read } from '@faceanim/tensor';
import { FaceanimError } from '@faceanim/tensor/errors';
import { anything, checkOptions, finiteNumber, type OptionChecks, seedCheck } from '@faceanim/tensor/options';
import type { Calls } from '../protocol/messages';
import type { WorkerModels } from './models';

type LatentOptions = Calls['latent']['options'];

const checks: OptionChecks<LatentOptions> = {
  seed: seedCheck,
  // factorsToZ() checks these.
  factors: anything,
  expression: anything,
  psi: finiteNumber,
};

/** The latent of a face that a seed or named factors describe. */
export async function latentFor(
  options: LatentOptions,
  { backend, generator, factors }: Pick<WorkerModels, 'backend' | 'factors' | 'generator'>,
): Promise<Latent> {
  checkOptions('latent', options, checks);
  const { psi: truncationPsi = 1, ...face } = options;
  const z = factors ? knownFace(face, factors) : randomFace(face, generator.zDim);
  await backend.activate();
  const { numWs, wDim } = generator;
  return { numWs, wDim, data: await read(mapLatents(generator, z, { truncationPsi })) };
}

function knownFace({ factors: values, ...options }: LatentOptions, factors: Factors): Float32Array {
  return factorsToZ(factors, values, options);
}

function randomFace({ seed = 0, factors, expression }: LatentOptions, zDim: number): Float32Array {
  if (factors === undefined && expression === undefined)
    return Float32Array.from(randomState(seed).randn(zDim));
  throw new FaceanimError('invalid-option', 'The generator of the worker has no named factors.', {
    hint: 'Pass a seed alone, or use the avatar pack.',
  });
}
